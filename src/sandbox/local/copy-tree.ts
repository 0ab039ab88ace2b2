import { spawn } from 'node:child_process'
import type { HostUser } from './host-user.ts'
import { SYSTEM_ENVIRONMENT } from './probe-local-sandbox.ts'

interface CopyTree {
  /** Directory whose content is copied. */
  readonly from: string
  /** Directory that the user may write to. */
  readonly to: string
  /** Copies with this user's rights: the tree was made by untrusted code. Default: this process's. */
  readonly user: HostUser | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Copies a tree with links, times and modes, sharing blocks where the file system can. Links are copied, never followed.
 *
 * @throws {Error} if it cannot be copied, with what `cp` said.
 */
export function copyTree({ from, to, user, signal }: CopyTree): Promise<void> {
  return new Promise((resolve, reject) => {
    // The directory is entered before the rights are given up, so that the user need not reach it.
    const child = spawn('cp', ['-a', '--reflink=auto', '--', `${from}/.`, '.'], {
      cwd: to,
      env: SYSTEM_ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      ...user,
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 2000)
    })
    child
      .once('error', reject)
      .once('close', (code) => (code === 0 ? resolve() : reject(new Error(`cp failed: ${said.trim()}`))))
  })
}
