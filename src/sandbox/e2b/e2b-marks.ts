import type { E2B, SandboxInfo as E2bSandboxInfo } from 'e2b'

/** What says that a sandbox is ours. Nothing else is written there: every key of the team can read it. */
export interface E2bMarks extends Readonly<Record<string, string>> {
  readonly app: string
  readonly deployment: string
}

/** Every sandbox that has all of the marks, running or paused. */
export async function findMarked(
  client: E2B,
  marks: Readonly<Record<string, string>>,
): Promise<E2bSandboxInfo[]> {
  const pages = client.Sandbox.list({ query: { metadata: { ...marks } } })
  const found: E2bSandboxInfo[] = []
  while (pages.hasNext) found.push(...(await pages.nextItems()))
  // What is found here may be killed: whether it is ours is not left to a filter of others.
  return found.filter(({ metadata }) => isMarked(metadata, marks))
}

export function isMarked(
  metadata: Readonly<Record<string, string>>,
  marks: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(marks).every(([name, value]) => metadata[name] === value)
}
