import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { freePort, postgresBinaries, startPostgres } from '../support/postgres.ts'
import type { MemberPlan } from './fleet.ts'

/** A place for the data, and the processes that use it. */
export interface Backend {
  readonly kind: 'pglite' | 'postgres'
  readonly plans: readonly MemberPlan[]
  /** True when it can be looked at while processes are at work. */
  readonly shared: boolean
  /** The caller closes it. */
  open(): Promise<Database>
  /** Breaks all connections; absent where the database lives in the process. */
  readonly restart?: () => Promise<void>
  close(): Promise<void>
}

/** What a backend is made of. */
interface Site {
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
}

/** Undefined when PostgreSQL is not installed. */
export async function startBackend(kind: Backend['kind'], site: Site): Promise<Backend | undefined> {
  if (kind === 'pglite') return startPgliteBackend(site)
  return postgresBinaries() === undefined ? undefined : startPostgresBackend(site)
}

async function startPgliteBackend({ directory, env }: Site): Promise<Backend> {
  const dataDir = join(directory, 'data')
  await mkdir(dataDir, { recursive: true })
  const port = await freePort()
  const address = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` }
  return {
    kind: 'pglite',
    shared: false,
    plans: [{ name: 'all', port, web: true, env: { ...env, ...address, DATA_DIR: dataDir } }],
    open: () => openDatabase({ dataDir }),
    close: () => rm(dataDir, { recursive: true, force: true }),
  }
}

/** One process that listens and three that carry runs. */
async function startPostgresBackend({ env }: Site): Promise<Backend> {
  const server = await startPostgres()
  const url = await server.createDatabase()
  const webPort = await freePort()
  const plans = ['web', 'worker-1', 'worker-2', 'worker-3'].map(async (name): Promise<MemberPlan> => {
    const role = name === 'web' ? 'web' : 'worker'
    const port = role === 'web' ? webPort : await freePort()
    const address = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${webPort}`, BACKSPACE_ROLE: role }
    // By this name the database tells who is who.
    const DATABASE_URL = `${url}?application_name=${name}`
    return { name, port, web: role === 'web', env: { ...env, ...address, DATABASE_URL } }
  })
  return {
    kind: 'postgres',
    shared: true,
    plans: await Promise.all(plans),
    open: () => openDatabase({ url }),
    restart: () => server.restart(),
    close: () => server.stop(),
  }
}
