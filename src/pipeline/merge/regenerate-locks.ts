import { posix } from 'node:path'
import { isLockedBy } from '../../checks/lock-files.ts'
import type { Journal } from '../journal.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { LAUNCH_TOOLS } from './launch-tools.ts'
import type { PreparedMerge } from './prepare-merge.ts'

/** How a lock file that both sides had changed was regenerated. */
export interface LockReport {
  readonly path: string
  readonly command: string
  /** Why the tool could not regenerate it, as the end of a sentence; undefined if it did. */
  readonly problem: string | undefined
}

const LOCK_MS = 5 * 60_000

/**
 * Lets each tool regenerate its lock file from the merged manifest, with the network access of the repository. If the
 * manifest itself is in conflict, that is left to the agent.
 */
export async function regenerateLocks(
  { sandbox, path: root }: Pick<Workspace, 'sandbox' | 'path'>,
  { conflicts }: PreparedMerge,
  { signal, notice }: Pick<Journal, 'notice'> & { readonly signal: AbortSignal },
): Promise<readonly LockReport[]> {
  const reports: LockReport[] = []

  async function regenerate(path: string, command: string): Promise<string | undefined> {
    const manifest = conflicts.find((other) => isLockedBy(path, other.path))
    if (manifest !== undefined) return `\`${manifest.path}\` is in conflict, too`
    const { exitCode, outcome } = await sandbox.exec(`${LAUNCH_TOOLS}${command}`, {
      shell: 'agent',
      cwd: posix.join(root, posix.dirname(path)),
      timeoutMs: LOCK_MS,
      signal,
    })
    if (outcome === 'timeout') return 'it did not end in 5 minutes'
    if (exitCode === 127) return 'the tool is not installed in the sandbox'
    return exitCode === 0 ? undefined : `it ended with exit code ${exitCode}`
  }

  for (const { path, relock } of conflicts) {
    if (relock === undefined) continue
    const problem = await regenerate(path, relock)
    signal.throwIfAborted()
    reports.push({ path, command: relock, problem })
    if (problem === undefined)
      notice('info', `\`${path}\` was in conflict and was written again by its tool.`)
    else notice('warning', `\`${path}\` was in conflict and could not be written again: ${problem}.`)
  }
  return reports
}
