import { copyFileSync, linkSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { entryOf, type Output, type OutputOptions, writeOutput } from '../../deploy/vercel/write-output.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import type { Script } from '../stand-ins/models/script.ts'
import { type FunctionStandIn, startFunction } from '../stand-ins/vercel/start-function.ts'
import { processEnvironment } from '../support/environment.ts'
import { startStandIns } from '../support/start-world.ts'

export const API_TOKEN = 'a-token-of-the-function'
const CRON_SECRET = 'the-clock-of-the-host-sends-this'

/** The service as the build makes it for Vercel. */
export interface BuiltFunction extends Output {
  /** `.vercel/output` */
  readonly output: string
  remove(): Promise<void>
}

export async function buildFunction(
  options: Pick<OutputOptions, 'seconds' | 'cron'>,
): Promise<BuiltFunction> {
  const root = join(import.meta.dirname, '../..')
  await mkdir(join(root, '.vercel'), { recursive: true })
  const output = await mkdtemp(join(root, '.vercel/test-'))
  const written = writeOutput({ ...options, root, to: output, place: linkOrCopy })
  return { ...written, output, remove: () => rm(output, { recursive: true, force: true }) }
}

/** A link takes a tenth of the time of a copy. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

interface FunctionWorldOptions {
  readonly built: Pick<BuiltFunction, 'output'>
  /** A database of its own. */
  readonly databaseUrl: string
  /** That a call may take. */
  readonly seconds: number
  /** Workers at once on functions; 0: they are elsewhere. */
  readonly workers: number
  readonly anthropic?: Script
}

/** The built function under its host, and everything around it. It has no program of this machine, as at Vercel: no git. */
export async function openFunctionWorld({
  built,
  databaseUrl,
  seconds,
  workers,
  anthropic,
}: FunctionWorldOptions) {
  const directory = join(built.output, 'functions/index.func')
  await writeFile(join(directory, 'index.mjs'), entryOf(seconds))
  const standIns = await startStandIns({ sandbox: 'e2b', ...(anthropic ? { anthropic } : {}) })
  const host = await startFunction({
    directory,
    maxMs: seconds * 1000,
    env: (url) => ({
      ...processEnvironment(),
      ...standIns.env,
      PATH: join(tmpdir(), 'nowhere'),
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: url,
      API_TOKENS: API_TOKEN,
      CRON_SECRET,
      BACKSPACE_FUNCTION_WORKERS: String(workers),
      BACKSPACE_TRANSPORT: 'clone',
      LOG_LEVEL: 'info',
    }),
  })
  standIns.github.setWebhookTarget(`${host.url}/api/github/webhooks`)
  const db = await openDatabase({ url: databaseUrl })
  async function close(): Promise<void> {
    await host.close()
    await db.close()
    await standIns.close()
  }
  return { ...standIns, host, db, close }
}

export type FunctionWorld = Awaited<ReturnType<typeof openFunctionWorld>>

/** As the host's clock does it. */
export async function callAsClock(host: Pick<FunctionStandIn, 'url'>): Promise<unknown> {
  const headers = { authorization: `Bearer ${CRON_SECRET}`, 'user-agent': 'vercel-cron/1.0' }
  const response = await fetch(`${host.url}/internal/work`, { headers })
  return await response.json()
}

/** As if half a minute had passed since a process that is gone was last heard of. */
export async function letTimePass(db: Database): Promise<void> {
  await sql`update pgboss.job set heartbeat_on = heartbeat_on - interval '30 seconds' where state = 'active'`.execute(
    db.sql,
  )
  await sql`update workers set seen_at = seen_at - interval '30 seconds'`.execute(db.sql)
}
