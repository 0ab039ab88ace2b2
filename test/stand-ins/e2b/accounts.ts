import { join } from 'node:path/posix'
import type { Account, Machine } from './machine.ts'
import type { SandboxRecord } from './sandbox-record.ts'

/** Where a call acts. */
export interface CallSite {
  readonly record: SandboxRecord
  readonly machine: Machine
}

/**
 * @param name undefined for the default: root’s until a request to `/init` names another one, which a daemon that restarted
 * has not had.
 * @returns undefined when the sandbox has no such user.
 */
export function findAccount({ record, machine }: CallSite, name: string | undefined): Account | undefined {
  const wanted = name ?? (record.isTold ? 'user' : 'root')
  return machine.accounts.find((account) => account.name === wanted)
}

/**
 * An absolute path, as envd makes it of one that is relative to a home, begins with `~`, or is empty.
 *
 * @throws {Error} with envd’s text.
 */
export function expandPath(site: CallSite & { readonly account: Account }, path: string): string {
  const { record, machine, account } = site
  // The default directory is that of the default user, no matter who asks; without one, relative paths are at home.
  const given = path === '' && record.isTold ? (machine.accounts[0]?.home ?? '') : path
  if (/^~[^/\\]/.test(given)) {
    throw new Error(
      `failed to expand path '' for user '${account.name}': cannot expand user-specific home dir`,
    )
  }
  if (given.startsWith('~')) return join(account.home, given.slice(1))
  return given.startsWith('/') ? given : join(account.home, given)
}
