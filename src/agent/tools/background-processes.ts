import type { Sandbox } from '../../sandbox/sandbox.ts'

/**
 * The process groups that still run.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function livingGroups(sandbox: Sandbox, groups: Iterable<number>): Promise<readonly number[]> {
  const wanted = [...groups]
  if (wanted.length === 0) return []
  const result = await sandbox.exec(LIST_GROUPS, { timeoutMs: 10_000 })
  const living = new Set(result.stdout.split('\n').map(Number))
  return wanted.filter((group) => living.has(group))
}

/** Not `kill -0`: a process that has ended but that nobody waited for still answers to it. */
const LIST_GROUPS = `sed 's/^.*) //' /proc/[0-9]*/stat 2>/dev/null | awk '$1 != "Z" { print $3 }' | sort -u`

/** Ends process groups with everything in them. A sandbox that is gone has ended them already. */
export async function endGroups(sandbox: Sandbox, groups: Iterable<number>): Promise<void> {
  const targets = [...groups].map((group) => `-${group}`).join(' ')
  if (targets === '') return
  await sandbox
    .exec(`kill -KILL -- ${targets} 2>/dev/null; true`, { timeoutMs: 10_000 })
    .catch(() => undefined)
}
