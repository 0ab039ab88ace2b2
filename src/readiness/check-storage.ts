import { constants, existsSync } from 'node:fs'
import { access, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { knownError } from '../errors.ts'
import type { Said } from './finding.ts'

/** The state in which a look finds the database. */
export type DatabaseLook =
  | { readonly is: 'open'; readonly db: Database }
  /** A running Backspace holds the embedded database, and answers. */
  | { readonly is: 'in_use' }
  /** The embedded database does not exist yet. The first start creates it. */
  | { readonly is: 'not_made' }

const NO_DATABASE = 'Backspace does not start: runs and webhooks are stored there.'

/**
 * Whether the database answers.
 *
 * @param open opens the database as the service would.
 */
export async function checkDatabase({ database }: Config, open: () => Promise<DatabaseLook>): Promise<Said> {
  const kind = 'url' in database ? 'PostgreSQL' : 'PGlite in DATA_DIR, for one process'
  try {
    const found = await open()
    if (found.is === 'open') await found.db.ping()
    const how = {
      open: 'answers',
      in_use: 'in use by a running Backspace, which answers',
      not_made: 'made at the first start',
    }
    return { state: 'ok', fact: `${kind}; ${how[found.is]}` }
  } catch (error) {
    const next =
      knownError(error)?.userMessage ?? 'It opened and then failed. The service’s log has the details.'
    return { state: 'broken', fact: `${kind}; does not open`, costs: NO_DATABASE, next }
  }
}

/** Enough for a database and a clone or two. */
const LEAST_FREE_BYTES = 512 * 1024 * 1024
/** With less than this, the embedded database may crash. */
const TOO_LITTLE_BYTES = 32 * 1024 * 1024

/** Whether DATA_DIR can be written, and has room. */
export async function checkDataDirectory({ database, agents }: Config): Promise<Said> {
  const directory = resolve('dataDir' in database ? database.dataDir : agents.dataDirectory)
  const costs = 'url' in database ? 'Caches and the App of the setup page are not kept.' : NO_DATABASE
  const place = nearest(directory)
  try {
    await tryToWrite(place, place === directory)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    return {
      state: 'broken',
      fact: full ? 'its disk is full' : `cannot be written (${code})`,
      path: directory,
      costs,
      next: full
        ? 'Free some space, or set DATA_DIR to another disk.'
        : 'Set DATA_DIR to a directory that this user may write to.',
    }
  }
  const { bavail, bsize } = await statfs(place)
  const free = bavail * bsize
  const room = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  if (free < LEAST_FREE_BYTES)
    return {
      state: free < TOO_LITTLE_BYTES ? 'broken' : 'ok',
      fact: `${(free / 1024 ** 2).toFixed(0)} MiB free`,
      path: directory,
      costs: free < TOO_LITTLE_BYTES ? costs : undefined,
      next: 'Free some space: clones, caches and backups need it.',
    }
  return {
    state: 'ok',
    fact: `can be written, ${room}${place === directory ? '' : '; made at the first start'}`,
    path: directory,
  }
}

/**
 * What to say while the disk of DATA_DIR is full; undefined while there is room, or when that cannot be found out.
 *
 * @param leastBytes default: what the embedded database needs to write its log.
 */
export async function whyDiskIsFull(
  { database, agents }: Pick<Config, 'database' | 'agents'>,
  leastBytes: number = TOO_LITTLE_BYTES,
): Promise<string | undefined> {
  const directory = 'dataDir' in database ? database.dataDir : agents.dataDirectory
  if (directory === ':memory:') return undefined
  const found = await statfs(nearest(resolve(directory))).catch(() => undefined)
  if (found === undefined || found.bavail * found.bsize >= leastBytes) return undefined
  const mib = Math.floor((found.bavail * found.bsize) / 1024 ** 2)
  return `The disk of DATA_DIR is full (${mib} MiB left). Free some space.`
}

/** The directory itself, or the nearest existing directory above it. */
function nearest(path: string): string {
  const above = dirname(path)
  return existsSync(path) || above === path ? path : nearest(above)
}

/** Writes a file into the directory itself. In a directory above it, the permissions are checked instead. */
async function tryToWrite(place: string, isIt: boolean): Promise<void> {
  if (!(await stat(place)).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' })
  await access(place, constants.W_OK | constants.X_OK)
  // The kernel creates no files there, whatever the permissions say.
  if (/^\/(proc|sys)(\/|$)/.test(place)) throw Object.assign(new Error('not a disk'), { code: 'EROFS' })
  if (!isIt) return
  const path = join(place, `.doctor-${process.pid}`)
  try {
    await using file = await open(path, 'w', 0o600)
    await file.writeFile(Buffer.alloc(64 * 1024, 1))
    await file.sync()
  } finally {
    await rm(path, { force: true })
  }
}
