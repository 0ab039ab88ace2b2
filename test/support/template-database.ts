import { cpSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { startBoss } from '../../src/runs/queue/start-boss.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { makeOnce } from './make-once.ts'

/** One per test run, named by `global-setup.ts`. */
const TEMPLATE = process.env.TEST_DATABASE_TEMPLATE ?? join(tmpdir(), `backspace-template-${process.pid}`)

/**
 * A fresh data directory whose database has every table, the queue's too. The first boot of an embedded PostgreSQL
 * takes seconds; a copy of one that has booted takes a fraction of one. The caller removes it.
 */
export async function copyTemplateDatabase(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-data-'))
  await makeOnce(TEMPLATE, makeTemplate)
  cpSync(TEMPLATE, directory, { recursive: true })
  return directory
}

/** An embedded database of its own, migrated; its directory goes when it is closed. */
export async function openTestDatabase(): Promise<Database> {
  const dataDir = await copyTemplateDatabase()
  const db = await openDatabase({ dataDir })
  async function close(): Promise<void> {
    await db.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { ...db, close }
}

/** Made aside and moved into place, so that no other worker sees half of it. */
async function makeTemplate(): Promise<void> {
  const aside = await mkdtemp(join(tmpdir(), 'backspace-template-'))
  const db = await openDatabase({ dataDir: aside })
  await migrate(db)
  const boss = await startBoss(db, { onError: () => {} })
  await boss.stop({ graceful: false })
  await db.close()
  await rename(aside, TEMPLATE).catch(() => rm(aside, { recursive: true, force: true }))
}
