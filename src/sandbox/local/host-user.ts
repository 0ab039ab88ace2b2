import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A user of the host. */
export interface HostUser {
  readonly uid: number
  readonly gid: number
}

/** `nobody` and `nogroup` on every usual Linux: they own nothing and may do nothing. */
const NOBODY: HostUser = { uid: 65_534, gid: 65_534 }

/**
 * Who boxes run as when this process is root; undefined when it is not, and boxes run as the same user.
 * Never root: what is root inside of a user namespace can still write to files of `/proc/sys` that belong to
 * root outside, such as `core_pattern`, and so run programs on the host.
 */
export function unprivilegedUser(euid: number | undefined = process.geteuid?.()): HostUser | undefined {
  return euid === 0 ? NOBODY : undefined
}

/** Whether every user of this machine may read and start a file, or read a directory, and get to it. */
export async function isOpenToAll(path: string): Promise<boolean> {
  if (((await stat(path)).mode & 0o005) !== 0o005) return false
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o001) === 0) return false
    if (directory === dirname(directory)) return true
  }
}
