import { existsSync, mkdirSync, truncateSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BackspaceError } from '../errors.ts'

/**
 * Creates the directory if it is missing, and locks it. Two processes on one PGlite directory silently lose data
 * (https://github.com/electric-sql/pglite/issues/1106). The lock is the operating system's, so it ends with the
 * process. It is taken through SQLite, because Node offers no other way.
 *
 * @returns a function that releases the lock.
 * @throws {BackspaceError} `database_locked` or `unavailable`.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, 'lock')
  try {
    makeDirectory(resolve(dataDir))
    return takeLock(file)
  } catch (error) {
    if (!textOf(error).includes('not a database')) throw explain(error)
  }
  try {
    // Another program wrote into the file. No process holds the lock, or opening would have failed. The file is emptied
    // and not removed, so that two processes that do this at once still lock the same file.
    truncateSync(file)
    return takeLock(file)
  } catch (error) {
    throw explain(error)
  }
}

/**
 * Creates a directory with its parents. Node's `recursive` never returns where the system refuses one with ENOENT, as
 * in /proc.
 */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

function takeLock(file: string): () => void {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
    return () => lock.close()
  } catch (error) {
    lock.close()
    throw error
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function explain(error: unknown): BackspaceError {
  if (textOf(error).includes('database is locked')) {
    return new BackspaceError(
      'database_locked',
      'Another process is using the data directory (DATA_DIR). Stop it first, give this one another DATA_DIR, or set DATABASE_URL to a PostgreSQL that several processes can share.',
      { cause: error },
    )
  }
  if (/ENOSPC|EDQUOT|disk is full/.test(textOf(error))) {
    return new BackspaceError(
      'unavailable',
      'The disk that DATA_DIR is on is full. Free some space and start again, or set DATA_DIR to another disk.',
      { cause: error },
    )
  }
  return new BackspaceError(
    'unavailable',
    'The data directory (DATA_DIR) cannot be written. Set DATA_DIR to a directory that this user may write to, or set DATABASE_URL.',
    { cause: error },
  )
}
