import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A user of the host. */
export interface HostUser {
  readonly uid: number
  readonly gid: number
}

/** User ids that no distribution, service or container uses (systemd's UIDS-GIDS.md ends at 0x6FFFFFFF). */
const FIRST = 0x70000000
const COUNT = 0x00ffffff
/** `nobody` and `nogroup` on the usual Linux systems: inside a container whose users are mapped, the others are missing. */
const UNPRIVILEGED: HostUser = { uid: 65_534, gid: 65_534 }

/**
 * The user of a new box if this process is root: a different one each time, so that boxes neither own a file of the
 * machine nor share limits. Undefined if this process is not root: its boxes then run as the same user. It is never
 * root, because root inside a user namespace can still write files of `/proc/sys` that belong to root outside, such as
 * `core_pattern`, and so run programs on the host.
 */
export function unprivilegedUser(euid: number | undefined = process.geteuid?.()): HostUser | undefined {
  if (euid !== 0) return undefined
  const id = FIRST + randomInt(COUNT)
  return ['/proc/self/uid_map', '/proc/self/gid_map'].every((map) => isMapped(id, map))
    ? { uid: id, gid: id }
    : UNPRIVILEGED
}

/** Whether an id exists in this process's user namespace. */
function isMapped(id: number, map: string): boolean {
  try {
    return readFileSync(map, 'utf8')
      .split('\n')
      .some((line) => {
        const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
        return id >= first && id < first + count
      })
  } catch {
    return false
  }
}

/**
 * Whether every user of this machine may reach a path and read it, and may also enter or execute it if any user may.
 */
export async function isOpenToAll(path: string): Promise<boolean> {
  const stats = await stat(path)
  const wanted = (stats.mode & 0o111) === 0 ? 0o004 : 0o005
  if ((stats.mode & wanted) !== wanted) return false
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o001) === 0) return false
    if (directory === dirname(directory)) return true
  }
}
