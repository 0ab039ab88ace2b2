import { statSync } from 'node:fs'
import type { SettingsReader } from './settings-reader.ts'

/** The address of a PostgreSQL server, or the directory of the embedded database. */
export type DatabaseSettings = { readonly url: string } | { readonly dataDir: string }

export function readDatabase(reader: SettingsReader): DatabaseSettings {
  const url = reader.get('DATABASE_URL')
  const dataDir = reader.get('DATA_DIR') ?? '.data'
  if (!url) {
    const problem = dataDirProblem(dataDir)
    if (problem !== undefined) reader.problem(`DATA_DIR ${problem}`)
    return { dataDir }
  }
  if (!/^postgres(ql)?:\/\//.test(url)) reader.problem('DATABASE_URL must start with postgres://')
  else if (!isReadable(url))
    reader.problem(
      'DATABASE_URL is not a valid address. Write @, :, / and % in its password as %40, %3A, %2F and %25.',
    )
  return { url }
}

/** What is wrong with the directory. One that does not exist is created later. */
function dataDirProblem(path: string): string | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false
      ? 'is a file. Set it to a directory, or to a path that does not exist yet.'
      : undefined
  } catch {
    return 'cannot be reached by this user. Change its permissions, or set it to another directory.'
  }
}

/** Whether an address can be parsed, including a password with percent signs. */
function isReadable(url: string): boolean {
  try {
    decodeURIComponent(new URL(url).password)
    return true
  } catch {
    return false
  }
}
