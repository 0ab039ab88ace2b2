import type { Sandbox } from '../../sandbox/sandbox.ts'

/**
 * The process groups that still run.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function livingGroups(sandbox: Sandbox, groups: Iterable<number>): Promise<readonly number[]> {
  const ids = [...groups].join(' ')
  if (ids === '') return []
  const result = await sandbox.exec(
    `for g in ${ids}; do kill -0 -- "-$g" 2>/dev/null && echo "$g"; done; true`,
  )
  return result.stdout.split('\n').filter(Boolean).map(Number)
}

/** Ends process groups with everything in them. A sandbox that is gone has ended them already. */
export async function endGroups(sandbox: Sandbox, groups: Iterable<number>): Promise<void> {
  const targets = [...groups].map((group) => `-${group}`).join(' ')
  if (targets === '') return
  await sandbox
    .exec(`kill -KILL -- ${targets} 2>/dev/null; true`, { timeoutMs: 10_000 })
    .catch(() => undefined)
}
