import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'
import { createSharedDatabase } from '../support/shared-postgres.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'
import { onEachDatabase } from './on-each-database.ts'

const directories: string[] = []
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'backspace-db-'))
  directories.push(directory)
  return directory
}

/** One that holds a database already: its first boot takes seconds. */
async function databaseDirectory(): Promise<string> {
  const directory = await copyTemplateDatabase()
  directories.push(directory)
  return directory
}

test('what is written to a directory is there when it is opened again, and other users cannot reach it', async () => {
  const dataDir = join(temporaryDirectory(), 'made', 'by', 'us')
  const mode = () => statSync(join(dataDir, 'pglite')).mode & 0o777
  const first = await openDatabase({ dataDir })
  await sql`create table kept (word text)`.execute(first.sql)
  await sql`insert into kept values ('still here')`.execute(first.sql)
  await first.close()
  expect(mode()).toBe(0o700)

  // As an earlier version left it.
  chmodSync(join(dataDir, 'pglite'), 0o755)
  const second = await openDatabase({ dataDir })
  expect(mode()).toBe(0o750)
  const { rows } = await sql`select word from kept`.execute(second.sql)
  await second.close()
  expect(rows).toEqual([{ word: 'still here' }])
})

test('an embedded database whose engine crashed confirms nothing any more, and the next process finds all', async () => {
  const dataDir = await databaseDirectory()
  const crashes: unknown[] = []
  const db = await openDatabase({ dataDir }, { onCrash: (error) => crashes.push(error) })
  await sql`create table kept (word text)`.execute(db.sql)
  await sql`insert into kept values ('still here')`.execute(db.sql)
  // As on a disk that is full: what must be written at a checkpoint cannot be, and PostgreSQL panics.
  const inTheWay = join(dataDir, 'pglite', 'pg_logical', 'replorigin_checkpoint.tmp')
  mkdirSync(inTheWay)
  await expect(sql`checkpoint`.execute(db.sql)).rejects.toThrow()

  await expect(sql`insert into kept values ('lost')`.execute(db.sql)).rejects.toMatchObject({ code: '57P02' })
  await expect(db.ping()).rejects.toThrow()
  expect(crashes).toHaveLength(1)
  await db.close()
  rmSync(inTheWay, { recursive: true })
  const next = await openDatabase({ dataDir })
  expect((await sql`select word from kept`.execute(next.sql)).rows).toEqual([{ word: 'still here' }])
  await next.close()
})

test.each([
  '/proc/nope',
  '/proc/nope/deeper',
  '/dev/null/data',
])('a directory that cannot be made (%s) is refused at once', async (dataDir) => {
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({
    code: 'unavailable',
    userMessage: expect.stringContaining('(DATA_DIR) cannot be written'),
  })
})

test('a second process on the same directory gets an error that says what to do', async () => {
  const dataDir = await databaseDirectory()
  const db = await openDatabase({ dataDir })
  try {
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: 'database_locked',
      userMessage: expect.stringContaining('DATABASE_URL'),
    })
    expect(openInAnotherProcess(dataDir)).toBe('database_locked')
  } finally {
    await db.close()
  }
  expect(openInAnotherProcess(dataDir)).toBe('opened')
})

test('a process that is killed leaves no lock behind', async () => {
  const dataDir = await databaseDirectory()
  const script = `${OPEN}.then(() => { console.log('opened'); setInterval(() => {}, 1000) })`
  const holder = spawn(process.execPath, [QUICK_WASM, '--input-type=module', '-e', script, dataDir])
  await once(holder.stdout, 'data')
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: 'database_locked' })

  holder.kill('SIGKILL')
  await once(holder, 'exit')
  // Of whatever else: what is in the file says nothing.
  writeFileSync(join(dataDir, 'lock'), '4711\n'.repeat(200))
  const db = await openDatabase({ dataDir })
  await db.ping()
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: 'database_locked' })
  await db.close()
})

test('a directory that cannot be made is named, with what to set', async () => {
  const file = join(temporaryDirectory(), 'a-file')
  writeFileSync(file, '')
  await expect(openDatabase({ dataDir: join(file, 'data') })).rejects.toMatchObject({
    code: 'unavailable',
    userMessage: expect.stringContaining('DATA_DIR'),
  })
})

test('a server that does not answer is named by its variable and not by its password', async () => {
  const opening = openDatabase({ url: 'postgres://me:hunter22@127.0.0.1:1/none' })
  const error: unknown = await opening.catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'unavailable',
    userMessage: expect.stringContaining('DATABASE_URL'),
  })
  expect(String(error)).not.toContain('hunter22')
})

test('a server that refuses says why: its user, its database', async (context) => {
  const shared = await createSharedDatabase('empty')
  if (!shared) return context.skip()
  onTestFinished(() => shared.drop())
  const said = async (change: Partial<Pick<URL, 'pathname' | 'username' | 'host'>>) => {
    const url = Object.assign(new URL(shared.url), change).href
    return openDatabase({ url }).catch((error: { readonly userMessage: string }) => error.userMessage)
  }
  expect(await said({ pathname: '/nowhere' })).toMatch(
    /^PostgreSQL has no database of the name in DATABASE_URL/,
  )
  expect(await said({ username: 'stranger' })).toMatch(/^PostgreSQL does not let this user in/)
  expect(await said({ host: 'nowhere.invalid' })).toMatch(/^PostgreSQL cannot be found/)
})

onEachDatabase(({ url: place, db, kind }) => {
  test('a notification reaches the listeners of its channel and no others', async () => {
    const heard: string[] = []
    const done = Promise.withResolvers<void>()
    const stop = await db().listen('mine', (payload) => {
      heard.push(payload)
      if (payload === 'last') done.resolve()
    })
    const stopOther = await db().listen('other', () => heard.push('wrong channel'))
    await db().notify('mine', 'first')
    await db().notify('mine', 'last')
    await done.promise
    await stop()
    await stopOther()
    await db().notify('mine', 'nobody listens')
    await db().ping()
    expect(heard).toEqual(['first', 'last'])
  })

  test('a transaction that throws leaves nothing, and others see it whole or not at all', async () => {
    await sql`create table things (name text)`.execute(db().sql)
    const failing = db()
      .sql.transaction()
      .execute(async (tx) => {
        await sql`insert into things values ('never')`.execute(tx)
        throw new Error('stop')
      })
    const outside = sql`insert into things values ('outside')`.execute(db().sql)
    await expect(failing).rejects.toThrow('stop')
    await outside
    const { rows } = await sql`select name from things`.execute(db().sql)
    expect(rows).toEqual([{ name: 'outside' }])
  })

  if (kind === 'postgres') {
    test.each([
      [
        'that cannot hold every text',
        "encoding 'LATIN1' template template0",
        'backspace',
        /encoding UTF8/,
        '',
      ],
      ['that is read only', '', 'backspace', /read only/, 'set default_transaction_read_only = on'],
      ['where we may not make tables', '', 'guest', /"permission denied .*CREATE/, ''],
    ])('a database %s is refused, with what to do', async (_what, options, user, says, setting) => {
      const name = `unsuitable_${crypto.randomUUID().slice(0, 8)}`
      await sql`create database ${sql.raw(`${name} ${options}`)}`.execute(db().sql)
      if (setting !== '') await sql`alter database ${sql.raw(`${name} ${setting}`)}`.execute(db().sql)
      if (user === 'guest') await sql`create role guest login`.execute(db().sql)
      const url = new URL(place() ?? '')
      url.pathname = name
      url.username = user
      const opening = openDatabase({ url: url.href }).then(async (opened) => {
        await migrate(opened).finally(() => opened.close())
      })
      await expect(opening).rejects.toMatchObject({
        code: 'config_invalid',
        userMessage: expect.stringMatching(says),
      })
    })

    test('listening survives the loss of its connection', async () => {
      const heard = Promise.withResolvers<void>()
      const stop = await db().listen('again', () => heard.resolve())
      await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'backspace-listen'`.execute(db().sql)
      const repeat = setInterval(() => void db().notify('again', ''), 100)
      await heard.promise
      clearInterval(repeat)
      await stop()
    })
  }
})

const OPEN = `import('${new URL('../../src/db/open-database.ts', import.meta.url).href}')
  .then(({ openDatabase }) => openDatabase({ dataDir: process.argv[1] }))`

/** 'opened', or the code of the error. */
function openInAnotherProcess(dataDir: string): string {
  const script = `${OPEN}.then(async (db) => { await db.close(); console.log('opened') }, (error) => console.log(error.code))`
  const args = [QUICK_WASM, '--input-type=module', '-e', script, dataDir]
  return execFileSync(process.execPath, args).toString().trim()
}
