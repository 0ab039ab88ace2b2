import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, sql } from 'kysely'
import { fromPglite } from 'pg-boss'
import { BackspaceError } from '../errors.ts'
import { breathe } from '../time/breathe.ts'
import { lockDataDir } from './data-dir-lock.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

const CHECKPOINT_EVERY_MS = 60_000
const VACUUM_EVERY_MS = 60 * 60_000
const LEAST_FREE_BYTES = 32 * 1024 * 1024

/** Opens PGlite in memory, or in `dataDir`, which only one process may use. */
export async function openPgliteDatabase(options: {
  readonly dataDir: string
  readonly onError: (error: unknown) => void
  readonly onCrash: (error: unknown) => void
}): Promise<Database> {
  const { dataDir, onError, onCrash } = options
  const inMemory = dataDir === ':memory:'
  const unlock = inMemory ? () => {} : lockDataDir(dataDir)
  const where = inMemory ? 'memory://' : join(dataDir, 'pglite')
  if (!inMemory) closeToOthers(where)
  const lite = await startPglite(where, { unlock, onCrash })
  const tables = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite: lite }) })
  const stopMaintenance = inMemory ? () => {} : startMaintenance(lite, { dataDir, onError })

  return {
    kind: 'pglite',
    sql: tables,
    boss: { db: fromPglite(lite), backend: 'pglite' },
    listens: true,
    listen: (channel, handler) => lite.listen(channel, handler),
    async notify(channel, payload) {
      await sql`select pg_notify(${channel}, ${payload})`.execute(tables)
    },
    async ping() {
      await sql`select 1`.execute(tables)
    },
    // PGlite runs one query at a time, so this one ends after all others.
    async settled() {
      await sql`select 1`.execute(tables)
    },
    async close() {
      stopMaintenance()
      if (!lite.closed) await lite.close()
      unlock()
    },
  }
}

/**
 * Closes the directory to other users. PGlite makes files that everyone may write, and a `DATA_DIR` that existed
 * before, such as a volume, may let others in.
 */
function closeToOthers(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch {
    // It exists already, or PGlite will report why it cannot be created.
  }
  try {
    const { mode } = statSync(path)
    if ((mode & 0o027) !== 0) chmodSync(path, mode & 0o750)
  } catch {
    // It belongs to another user, who has decided on its permissions.
  }
}

const BYTEA = 17
/**
 * PGlite turns each byte into text separately, so a checkpoint of a megabyte would stop everything for a third of a
 * second. This does it in one step.
 */
const BYTES_AT_ONCE = {
  serializers: {
    [BYTEA]: (bytes: unknown) => {
      if (!(bytes instanceof Uint8Array)) throw new TypeError('a bytea must be bytes')
      return `\\x${Buffer.from(bytes).toString('hex')}`
    },
  },
  parsers: { [BYTEA]: (text: string) => new Uint8Array(Buffer.from(text.slice(2), 'hex')) },
} satisfies PGliteOptions

async function startPglite(
  where: string,
  { unlock, onCrash }: { readonly unlock: () => void; readonly onCrash: (error: unknown) => void },
): Promise<PGlite> {
  try {
    // The default of 128 MB would be allocated at once, although this service needs far less.
    const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB']
    const lite = new CrashAwarePGlite(where, { startParams, ...BYTES_AT_ONCE }, onCrash)
    await lite.waitReady
    return lite
  } catch (cause) {
    unlock()
    throw new BackspaceError('unavailable', await whyNotStarted(where), { cause })
  }
}

async function whyNotStarted(where: string): Promise<string> {
  const room = await hasRoom(where).catch(() => true)
  return room
    ? 'The database in the data directory does not start. Restore it from a backup, or set DATA_DIR to another directory to start empty.'
    : 'The database does not start, because the disk that DATA_DIR is on is full. Free some space and start again; the stored data is intact.'
}

/** Whether enough space is free. With less, PostgreSQL's own writes may crash it. */
async function hasRoom(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize >= LEAST_FREE_BYTES
}

/**
 * Runs checkpoints and vacuums. PGlite has neither a checkpointer nor autovacuum, so its log and its dead rows would
 * grow without limit. They are skipped on a full disk, where they would crash the engine; an ordinary query only fails
 * until there is room again.
 */
function startMaintenance(
  lite: PGlite,
  { dataDir, onError }: { readonly dataDir: string; readonly onError: (error: unknown) => void },
): () => void {
  async function maintain(statement: string): Promise<void> {
    if (!(await hasRoom(dataDir))) throw new Error(`Too little room in DATA_DIR: no ${statement} now`)
    await lite.exec(statement)
  }
  const every = (ms: number, statement: string) =>
    setInterval(() => {
      maintain(statement).catch(onError)
    }, ms).unref()
  const timers = [every(CHECKPOINT_EVERY_MS, 'checkpoint'), every(VACUUM_EVERY_MS, 'vacuum (analyze)')]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

/**
 * Has the code that a server would send, so that callers retry. The next process to open the directory then answers
 * them.
 */
class EngineCrashed extends Error {
  readonly code = '57P02'
}

/** Exit codes of an engine that has recovered from an error, or has just started. */
const RECOVERED: readonly unknown[] = [99, 100]

/**
 * PGlite that reports when its engine has crashed. A PostgreSQL server that panics, for instance on a full disk, is
 * restarted. PGlite hides the panic: queries then return neither a result nor an error, and inserts are confirmed but
 * not stored. Here, every query fails after a panic.
 *
 * The engine runs on the main thread, and its promises resolve without a turn of the event loop, so many queries in a
 * row would stop everything else until the last one is done. Here, the event loop gets a turn between two queries.
 */
class CrashAwarePGlite extends PGlite {
  readonly #onCrash: (error: Error) => void
  #crash: Error | undefined
  #hooked: unknown

  /** @param onCrash called once. The data are intact, but only a new process can open them. */
  constructor(dataDir: string, options: PGliteOptions, onCrash: (error: Error) => void) {
    super(dataDir, options)
    this.#onCrash = onCrash
  }

  override _runExclusiveQuery<T>(run: () => Promise<T>): Promise<T> {
    return super._runExclusiveQuery(async () => {
      await breathe()
      return await run()
    })
  }

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.#crash) throw this.#crash
    this.#hookMainLoop()
    const answer = super.execProtocolRawSync(message)
    // The call above may have set it.
    const crash: Error | undefined = this.#crash
    if (crash) throw crash
    return answer
  }

  #hookMainLoop(): void {
    const { mod } = this
    if (!mod || mod === this.#hooked) return
    this.#hooked = mod
    const step = mod._PostgresMainLoopOnce
    mod._PostgresMainLoopOnce = () => {
      try {
        step()
      } catch (error) {
        this.#recordCrash(error)
        throw error
      }
    }
  }

  #recordCrash(error: unknown): void {
    const recovered =
      typeof error === 'object' && error !== null && 'status' in error && RECOVERED.includes(error.status)
    if (recovered || this.#crash) return
    this.#crash = new EngineCrashed('The embedded database has crashed', { cause: error })
    this.#onCrash(this.#crash)
  }
}
