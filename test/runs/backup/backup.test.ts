import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { BACKUP_TABLES, createLineHash } from '../../../src/runs/backup/backup-format.ts'
import { restoreBackup } from '../../../src/runs/backup/restore-backup.ts'
import { createBackupChore, writeBackup } from '../../../src/runs/backup/write-backup.ts'
import { migrate } from '../../../src/runs/store/migrate.ts'
import { createRunStore } from '../../../src/runs/store/run-store.ts'
import { endingsApart } from '../../support/endings-apart.ts'
import { postgresBinaries } from '../../support/postgres.ts'
import { createSharedDatabase, openSharedDatabase } from '../../support/shared-postgres.ts'
import { openTestDatabase } from '../../support/template-database.ts'
import { FAILED } from '../start-runs.ts'
import { contents, fill } from './filled-database.ts'

const directory = mkdtempSync(join(tmpdir(), 'backspace-backups-'))
const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
  rmSync(directory, { recursive: true, force: true })
})
const missing = postgresBinaries() === undefined

const DATABASES = {
  PGlite: async () => opened(await openTestDatabase()),
  PostgreSQL: async () => opened(await openDatabase({ url: await newDatabase() })),
}

async function newDatabase(): Promise<string> {
  const database = await createSharedDatabase('empty')
  closing.push(async () => database?.drop())
  return database?.url ?? ''
}

/** For tests about backups and not about databases. */
const aDatabase = async () => opened(await openSharedDatabase())

function opened(db: Database): Database {
  closing.push(() => db.close())
  return db
}

let files = 0
const newFile = () => join(directory, `backup-${++files}`)

async function backupOf(db: Database): Promise<string> {
  const file = newFile()
  await writeBackup(db, { file })
  return file
}

describe.each([
  ['PGlite', 'PGlite'],
  ['PGlite', 'PostgreSQL'],
  ['PostgreSQL', 'PGlite'],
  ['PostgreSQL', 'PostgreSQL'],
] as const)('a backup of %s', (from, to) => {
  const leftOut = missing && (from === 'PostgreSQL' || to === 'PostgreSQL')
  test.skipIf(leftOut)(`restores into ${to} as it was`, async () => {
    const source = await DATABASES[from]()
    await fill(source)
    const file = newFile()
    const { rows } = await writeBackup(source, { file })
    expect(rows).toBe(6 + 1500 + 18)
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const target = await DATABASES[to]()
    expect(await restoreBackup(target, { file, replace: false })).toMatchObject({ rows })
    // No worker holds a run there, and every regular chore is due.
    await sql`update runs set status = 'queued', admitted_at = null where finished_at is null`.execute(
      source.sql,
    )
    await sql`update chores set ran_at = 'epoch'`.execute(source.sql)
    expect(await contents(target)).toEqual(await contents(source))
    const [next] = await target.sql
      .insertInto('runs')
      .values({ id: 'next', status: 'queued', repository: 'a/b', request: '{}', created_at: new Date() })
      .returning('ordinal')
      .execute()
    expect(String(next?.ordinal)).toBe('8')
  })
})

test('a backup holds every table but those of the living and the queue', async () => {
  const db = await aDatabase()
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public'`.execute(db.sql)
  const left =
    'workers web_logins share_links setup_cache receipt_secrets schema_floor backspace_migrations backspace_migrations_lock'
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set([...BACKUP_TABLES, ...left.split(' ')]))
})

test('a database that is not empty is left alone, unless it may be replaced', async () => {
  const db = await aDatabase()
  await fill(db)
  const file = await backupOf(db)
  await sql`delete from runs where id = 'run-1'`.execute(db.sql)
  await sql`update api_tokens set revoked_at = now()`.execute(db.sql)
  await expect(restoreBackup(db, { file, replace: false })).rejects.toMatchObject({
    code: 'conflict',
    userMessage: expect.stringMatching(/5 runs and 1 deliveries.*--replace/),
  })
  await restoreBackup(db, { file, replace: true })
  expect(await db.sql.selectFrom('run_events').select('seq').execute()).toHaveLength(1500)
  expect(String((await contents(db)).api_tokens), 'revoked_at is the last column').not.toMatch(/,\)$/)
})

test('a file that is cut off, changed or none of ours changes nothing', async () => {
  const db = await aDatabase()
  await fill(db)
  const whole = readFileSync(await backupOf(db))
  const text = gunzipSync(whole).toString('utf8')
  const broken = {
    'cut off': whole.subarray(0, whole.length - 100),
    'cut off at the end of a line': gzipSync(`${text.split('\n').slice(0, -2).join('\n')}\n`),
    'a changed letter': gzipSync(text.replace('You are', 'You art')),
    'a row too many': gzipSync(text.replace(/(\{"sha256)/, '[]\n$1')),
    'something after its end': gzipSync(`${text}{}\n`),
    'not gzip': Buffer.from(text),
    'another file': gzipSync('{"name":"x"}\n'),
    empty: Buffer.alloc(0),
  }
  const before = await contents(db)
  for (const [what, bytes] of Object.entries(broken)) {
    const file = newFile()
    writeFileSync(file, bytes)
    const restoring = restoreBackup(db, { file, replace: true })
    const isForeign = what === 'not gzip' || what === 'another file'
    const message = isForeign ? 'This file is not a backup of Backspace.' : /cut off or damaged/
    await expect(restoring, what).rejects.toMatchObject({ code: 'bad_request' })
    await expect(restoring, what).rejects.toThrow(message)
  }
  await expect(restoreBackup(db, { file: newFile(), replace: true })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await contents(db)).toEqual(before)
})

test('a backup of a newer version is refused', async () => {
  const db = await aDatabase()
  await migrate(db)
  const text = gunzipSync(readFileSync(await backupOf(db))).toString('utf8')
  const later = newFile()
  writeFileSync(later, gzipSync(text.replace('"0001-runs"', '"0001-runs","9999-later"')))
  const other = await aDatabase()
  await expect(restoreBackup(other, { file: later, replace: false })).rejects.toMatchObject({
    code: 'config_invalid',
    userMessage: expect.stringMatching(/backup was written by a newer Backspace .*9999-later/),
  })
  // It may have tables that this version knows nothing of, so a backup by it would lose them.
  await sql`insert into backspace_migrations values ('9999-later', '2030-01-01')`.execute(db.sql)
  await expect(backupOf(db)).rejects.toMatchObject({ code: 'config_invalid' })
})

test('a backup made before an upgrade restores into the shape of today', async () => {
  const db = await aDatabase()
  await fill(db)
  const [header = '', ...rest] = gunzipSync(readFileSync(await backupOf(db)))
    .toString('utf8')
    .split('\n')
  const old = JSON.parse(header)
  const run = ['old', '1', null, null, null, 'queued', 'acme/api', null, '{"requester":{"login":"Ada"}}']
  const columns = 'id ordinal key fingerprint key_expires_at status repository thread_key request created_at'
  old.migrations = ['0001-runs']
  old.tables = [{ name: 'runs', columns: columns.split(' '), rows: 1 }]
  const lines = [JSON.stringify(old), JSON.stringify([...run, '2026-01-01 00:00:00+00'])]
  const hash = createLineHash()
  for (const line of lines) hash.add(line)
  const file = newFile()
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n${JSON.stringify({ sha256: hash.digest() })}\n`))
  expect(rest.length).toBeGreaterThan(1500)

  await restoreBackup(db, { file, replace: true })
  const row = await db.sql.selectFrom('runs').select(['id', 'account', 'requester']).execute()
  expect(row).toEqual([{ id: 'old', account: 'acme', requester: 'ada' }])
})

test('a run that an old backup holds half ended has ended after the restore', async () => {
  const db = await aDatabase()
  await migrate(db)
  const [first = ''] = gunzipSync(readFileSync(await backupOf(db)))
    .toString('utf8')
    .split('\n')
  const header = JSON.parse(first)
  header.migrations = ['0001-runs', '0002-reliability', '0003-agent']
  const runs = 'id ordinal status repository request attempt released last_seq log_closed created_at'
  const events = 'run_id seq attempt type at body'
  header.tables = [
    { name: 'runs', columns: runs.split(' '), rows: 1 },
    { name: 'run_events', columns: events.split(' '), rows: 1 },
  ]
  const time = '2026-01-01 00:00:00+00'
  const lines = [
    header,
    ['half', '1', 'running', 'acme/api', '{}', '1', 'f', '1', 't', time],
    ['half', '1', '1', 'run.failed', time, JSON.stringify(FAILED)],
  ].map((line) => JSON.stringify(line))
  const hash = createLineHash()
  for (const line of lines) hash.add(line)
  const file = newFile()
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n${JSON.stringify({ sha256: hash.digest() })}\n`))

  await restoreBackup(db, { file, replace: true })
  expect(await createRunStore(db).get('half')).toMatchObject({
    status: 'failed',
    ending: { code: FAILED.code },
  })
  expect(await endingsApart(db)).toEqual([])
})

test.skipIf(missing)('a PostgreSQL in use can be backed up but not replaced', async () => {
  const url = await newDatabase()
  const service = opened(await openDatabase({ url }))
  await fill(service)
  const command = opened(await openDatabase({ url }))
  const file = await backupOf(command)
  await expect(restoreBackup(command, { file, replace: true })).rejects.toMatchObject({
    code: 'conflict',
    userMessage: expect.stringContaining('Stop every process'),
  })
})

test('the daily backups are the newest few, and no other file is touched', async () => {
  const db = await aDatabase()
  await fill(db)
  const folder = join(directory, 'daily')
  let day = 0
  const now = () => new Date(Date.UTC(2026, 10, ++day))
  const chore = createBackupChore({ db, directory: folder, keep: 2, now })
  const signal = new AbortController().signal
  await chore.run(signal)
  writeFileSync(join(folder, 'mine.txt'), '')
  writeFileSync(join(folder, 'backspace-1.jsonl.gz.partial'), '')
  for (let i = 0; i < 3; i++) await chore.run(signal)
  const kept = readdirSync(folder).sort()
  expect(kept).toEqual([
    expect.stringMatching(/^backspace-20261105T.*gz$/),
    expect.stringMatching(/^backspace-20261107T.*gz$/),
    'mine.txt',
  ])
  const other = await aDatabase()
  await restoreBackup(other, { file: join(folder, kept[1] ?? ''), replace: false })
  expect(await contents(other)).toHaveProperty('run_events.1499')
})
