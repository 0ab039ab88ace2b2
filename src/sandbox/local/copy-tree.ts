import type { Spawner } from '../../processes/spawner.ts'
import type { HostUser } from './host-user.ts'
import { SYSTEM_ENVIRONMENT } from './probe-local-sandbox.ts'

interface CopyTree {
  /** Directory whose content is copied. */
  readonly from: string
  /** Directory that the user may write to. */
  readonly to: string
  /** User with whose rights to copy, because untrusted code made the tree. Default: the user of this process. */
  readonly user: HostUser | undefined
  readonly signal?: AbortSignal | undefined
  readonly spawner: Spawner
}

/**
 * Copies a tree with its links, times and modes, sharing blocks where the file system can. Links are copied, never
 * followed.
 *
 * @throws {Error} if it cannot be copied, with what `cp` printed.
 */
export async function copyTree({ from, to, user, signal, spawner }: CopyTree): Promise<void> {
  const args = ['-a', '--reflink=auto', '--', `${from}/.`, '.']
  // The directory is entered before the rights are given up, so the user need not be able to reach it.
  const command = { program: 'cp', args, env: SYSTEM_ENVIRONMENT, cwd: to, user }
  const { code, stderr } = await spawner.run(command, { signal })
  if (code !== 0) throw new Error(`cp failed: ${stderr.slice(0, 2000).trim()}`)
}
