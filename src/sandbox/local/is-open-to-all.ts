import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Whether every user of this machine may read and start a file, or read a directory, and get to it. */
export async function isOpenToAll(path: string): Promise<boolean> {
  if (((await stat(path)).mode & 0o005) !== 0o005) return false
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o001) === 0) return false
    if (directory === dirname(directory)) return true
  }
}
