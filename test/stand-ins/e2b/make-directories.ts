import { mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoWords } from './errno-words.ts'
import type { FileSite } from './filesystem-calls.ts'

/**
 * Makes a directory of the sandbox and those above, as the user’s.
 *
 * @throws {Error} with envd’s text.
 */
export function makeDirectories({ machine, account }: FileSite, path: string): void {
  const paths = [path]
  for (let above = dirname(path); above !== '/'; above = dirname(above)) paths.unshift(above)
  for (const each of paths) {
    const stats = look(each)
    if (stats && !stats.isDirectory()) throw new Error(`path is a file: ${each}`)
    if (stats) continue
    const located = machine.locate(each)
    try {
      mkdirSync(located, { mode: 0o755 })
    } catch (error) {
      throw new Error(`failed to create directory: mkdir ${each}: ${errnoWords(error)}`)
    }
    machine.own(located, account)
  }

  function look(each: string): Stats | undefined {
    try {
      return statSync(machine.locate(each), { throwIfNoEntry: false })
    } catch (error) {
      throw new Error(`failed to stat directory: stat ${each}: ${errnoWords(error)}`)
    }
  }
}
