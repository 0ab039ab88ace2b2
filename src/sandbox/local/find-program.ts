import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Directories that a bare system keeps its programs in. */
export const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Absolute path of a program, looked for in a PATH and then in the system's directories. */
export function findProgram(name: string, path = ''): string | undefined {
  return [...path.split(delimiter), ...SYSTEM_PATH]
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
