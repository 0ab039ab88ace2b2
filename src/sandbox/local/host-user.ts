import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A user of the host. */
export interface HostUser {
  readonly uid: number
  readonly gid: number
}

/** `nobody` and `nogroup` on the usual Linux systems, which own no files. */
const UNPRIVILEGED: HostUser = { uid: 65_534, gid: 65_534 }

/**
 * The user that boxes run as if this process is root; undefined otherwise: boxes then run as the same user. Never root:
 * root inside a user namespace can still write files of `/proc/sys` that belong to root outside, such as `core_pattern`,
 * and so run programs on the host.
 */
export function unprivilegedUser(euid: number | undefined = process.geteuid?.()): HostUser | undefined {
  return euid === 0 ? UNPRIVILEGED : undefined
}

/** Whether every user of this machine may reach a path, read it, and enter or execute it if some user may. */
export async function isOpenToAll(path: string): Promise<boolean> {
  const stats = await stat(path)
  const wanted = (stats.mode & 0o111) === 0 ? 0o004 : 0o005
  if ((stats.mode & wanted) !== wanted) return false
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o001) === 0) return false
    if (directory === dirname(directory)) return true
  }
}
