import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openPostgresDatabase } from '../../src/db/postgres-database.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { databaseOfTest } from '../support/shared-postgres.ts'

/** A way to the server that forgets connections without a word, as a firewall does, and lets new ones through. */
async function forgetfulWay(url: string) {
  const { hostname, port } = new URL(url)
  const pairs: (readonly [Socket, Socket])[] = []
  let isDown = false
  const server = createServer((near) => {
    const far = createConnection({ host: hostname, port: Number(port) })
    pairs.push([near, far])
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    if (isDown) return
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of pairs.flat()) socket.destroy()
    server.close()
  })
  /** What is sent from now on over the connections that there are is lost. */
  function forget(): void {
    for (const [near, far] of pairs) {
      near.unpipe(far)
      far.unpipe(near)
      near.resume()
      far.resume()
    }
  }
  const through = new URL(url)
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: through.href,
    direct: url,
    forget,
    setDown(down: boolean) {
      isDown = down
      if (down) forget()
    },
  }
}

async function openThrough({
  inFunction = false,
  ...pace
}: {
  readonly unreachableMs: number
  readonly idleMs?: number
  readonly inFunction?: boolean
}) {
  const way = await forgetfulWay(await databaseOfTest('empty'))
  const watch = { everyMs: 50, heldMs: 300, idleMs: 200, ...pace }
  const db = await openPostgresDatabase({ url: way.url, onError: () => {}, watch, inFunction })
  onTestFinished(() => db.close())
  return { db, way }
}

describe.skipIf(postgresBinaries() === undefined)('on PostgreSQL, a connection that leads nowhere', () => {
  test('is ended when the server does not know of its query, and the next query gets another one', async () => {
    const { db, way } = await openThrough({ unreachableMs: 60_000 })
    await db.ping()
    way.forget()
    await expect(db.ping()).rejects.toThrow(/^Connection terminated/)
    await db.ping()
  })

  test('is ended in the pool of the queue as well', async () => {
    const { db, way } = await openThrough({ unreachableMs: 60_000 })
    const ask = () => db.boss.db.executeSql('select 1 as one')
    await ask()
    way.forget()
    await expect(ask()).rejects.toThrow(/^Connection terminated/)
    expect((await ask()).rows).toEqual([{ one: 1 }])
  })

  test('is ended when the answer was lost', async () => {
    const { db, way } = await openThrough({ unreachableMs: 60_000 })
    // It waits for a lock, so its answer comes when the way to it is lost, and not before.
    const holder = new Client({ connectionString: way.direct })
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query('select pg_advisory_lock(1)')
    const slow = sql`select pg_advisory_xact_lock(1)`.execute(db.sql)
    const ended = expect(slow).rejects.toThrow(/^Connection terminated/)
    const waiting = async () =>
      (await holder.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).rowCount
    await expect.poll(waiting).toBe(1)
    way.forget()
    await holder.query('select pg_advisory_unlock(1)')
    await ended
  })

  test('is ended when the server cannot be asked for long', async () => {
    const { db, way } = await openThrough({ unreachableMs: 2_000 })
    way.setDown(true)
    await expect(db.ping()).rejects.toThrow(/^Connection terminated/)
    way.setDown(false)
    await db.ping()
  })

  test('is found out before a query uses it, in a function that was frozen meanwhile', async () => {
    const { db, way } = await openThrough({ unreachableMs: 60_000, inFunction: true })
    const now = vi.spyOn(Date, 'now').mockReturnValue(0)
    onTestFinished(() => now.mockRestore())
    await db.ping()
    way.forget()
    now.mockReturnValue(5 * 60_000)
    await db.ping()
  })

  test('is not confused with one whose query only takes long', async () => {
    // Long beside the pauses of a busy machine between two queries, and in its answers to the watch.
    const { db } = await openThrough({ unreachableMs: 60_000, idleMs: 5_000 })
    await sql`select pg_sleep(1.5)`.execute(db.sql)
    await db.sql.transaction().execute(async (tx) => {
      for (let n = 0; n < 10; n++) await sql`select pg_sleep(0.1)`.execute(tx)
    })
  })
})
