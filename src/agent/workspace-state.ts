import type { Sandbox } from '../sandbox/sandbox.ts'

/** Enough to tell whether the workspace is as it was. */
export interface WorkspaceState {
  readonly head: string
  /** A hash of what differs from `head`; empty when nothing does. */
  readonly changes: string
}

const SCRIPT = [
  'git rev-parse HEAD || exit 1',
  's=$(git status --porcelain=v1 -uall) || exit 1',
  'if [ -n "$s" ]; then',
  '{ printf "%s\\n" "$s"; git diff HEAD --binary --no-ext-diff --no-textconv; } | git hash-object --stdin; fi',
].join('\n')

/**
 * Asks git inside the sandbox, so it is a hint for the agent's work and no proof: what is published is collected
 * by the host in its own way.
 *
 * @returns undefined when git cannot say.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function readWorkspaceState(
  sandbox: Sandbox,
  workspace: string,
): Promise<WorkspaceState | undefined> {
  const result = await sandbox.exec(SCRIPT, { cwd: workspace, timeoutMs: 120_000 })
  if (result.exitCode !== 0) return undefined
  const [head = '', changes = ''] = result.stdout.split('\n')
  return { head, changes }
}

/** True when they differ, and when one of them is not known: then nothing may be ruled out. */
export function isChanged(before: WorkspaceState | undefined, after: WorkspaceState | undefined): boolean {
  return !before || !after || before.head !== after.head || before.changes !== after.changes
}
