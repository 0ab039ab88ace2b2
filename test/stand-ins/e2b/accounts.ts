import { join } from 'node:path/posix'
import type { Account } from './machine.ts'
import type { SandboxRecord } from './sandbox-record.ts'

const ACCOUNTS: readonly Account[] = [
  { name: 'user', home: '/home/user', id: 1000 },
  { name: 'root', home: '/root', id: 0 },
]

/** What envd runs with until it is told otherwise at `/init`, which a daemon that restarted is not. */
const UNTOLD = { user: 'root', workdir: '' } as const
const TOLD = { user: 'user', workdir: '/home/user' } as const

/** @param name undefined for the default. @returns undefined when the sandbox has no such user. */
export function findAccount(record: SandboxRecord, name: string | undefined): Account | undefined {
  const wanted = name ?? defaults(record).user
  return ACCOUNTS.find((account) => account.name === wanted)
}

/**
 * An absolute path, as envd makes it of one that is relative to a home, begins with `~`, or is empty.
 *
 * @throws {Error} with envd’s text.
 */
export function expandPath(record: SandboxRecord, account: Account, path: string): string {
  const given = path === '' ? defaults(record).workdir : path
  if (/^~[^/\\]/.test(given)) {
    throw new Error(
      `failed to expand path '' for user '${account.name}': cannot expand user-specific home dir`,
    )
  }
  if (given.startsWith('~')) return join(account.home, given.slice(1))
  return given.startsWith('/') ? given : join(account.home, given)
}

function defaults({ isTold }: SandboxRecord): typeof TOLD | typeof UNTOLD {
  return isTold ? TOLD : UNTOLD
}
