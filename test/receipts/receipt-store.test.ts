import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { checkReceipt } from '../../src/receipts/check-receipt.ts'
import { createReceiptIssuer } from '../../src/receipts/receipt-issuer.ts'
import { createReceiptKeys } from '../../src/receipts/receipt-keys.ts'
import { createReceiptStore } from '../../src/receipts/receipt-store.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { onEachDatabase } from '../db/on-each-database.ts'
import { COMMIT, DRAFT, HEAD } from './sample-receipt.ts'

const OTHER = '5'.repeat(40)

onEachDatabase(({ db, openAgain }) => {
  beforeEach(async () => {
    await migrate(db())
    await sql`delete from runs`.execute(db().sql)
    await sql`delete from receipt_keys`.execute(db().sql)
    await sql`
      insert into runs (id, status, repository, request, created_at, finished_at, events_pruned)
      values ('run-1', 'running', 'acme/api', '{}', now(), null, false)`.execute(db().sql)
  })

  function issuer(on: Database = db(), errors: unknown[] = []) {
    return createReceiptIssuer({
      store: createReceiptStore(on),
      version: '0.1.0',
      redact: (text) => text.replace('hunter2', '[redacted]'),
      runUrl: (id) => `https://backspace.example/runs/${id}`,
      onError: (error) => errors.push(error),
    })
  }
  const order = (some: { attempt?: number; commit?: string } = {}) => ({
    runId: 'run-1',
    attempt: some.attempt ?? 1,
    draft: DRAFT,
    head: { ...HEAD, commit: some.commit ?? COMMIT },
  })
  const auditKinds = async () => {
    const { rows } = await sql<{ kind: string }>`
      select kind from audit_waiting union all select kind from audit_log`.execute(db().sql)
    return rows.map(({ kind }) => kind)
  }

  test('processes that start together make one key', async () => {
    const others = [(await openAgain()) ?? db(), (await openAgain()) ?? db()]
    await Promise.all([db(), ...others].map((each) => createReceiptKeys(each).ensure()))
    const keys = await createReceiptKeys(db()).list()
    expect(keys).toMatchObject([{ retiredAt: null }])
    await createReceiptKeys(db()).ensure()
    expect(await createReceiptKeys(db()).list()).toEqual(keys)
  })

  test('a receipt is signed once, and valid with the listed keys, before and after a rotation', async () => {
    const keys = createReceiptKeys(db())
    await keys.ensure()
    const first = await issuer().issue(order())
    const second = await issuer().issue(order({ attempt: 2 }))
    expect(second).toEqual(first)
    const made = await keys.rotate()
    const list = await keys.list()
    expect(list.map(({ keyid, retiredAt }) => [keyid, retiredAt !== null])).toEqual([
      [first?.keyid, true],
      [made.keyid, false],
    ])
    expect(await createReceiptStore(db()).find('run-1')).toEqual(first)
    expect(checkReceipt(first?.envelope ?? '', list)).toMatchObject({
      verdict: 'valid',
      statement: {
        predicate: {
          service: { name: 'Backspace', version: '0.1.0', node: process.version },
          run: { url: 'https://backspace.example/runs/run-1' },
          head: HEAD,
        },
      },
    })
    const { rows } = await sql<{ key_id: string }>`select key_id from receipt_secrets`.execute(db().sql)
    expect(rows, 'only the key in use can sign').toEqual([{ key_id: made.keyid }])
    expect(await auditKinds()).toEqual(expect.arrayContaining(['receipt_key.made', 'receipt.issued']))
  })

  test('receipts that are signed while keys rotate are valid', async () => {
    const other = (await openAgain()) ?? db()
    await sql`
      insert into runs (id, status, repository, request, created_at)
      select 'run-' || n, 'running', 'acme/api', '{}', now() from generate_series(2, 9) n`.execute(db().sql)
    const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `run-${n}`)
    const [receipts] = await Promise.all([
      Promise.all(ids.map((runId) => issuer(other).issue({ ...order(), runId }))),
      createReceiptKeys(db())
        .rotate()
        .then(() => createReceiptKeys(db()).rotate()),
    ])
    const list = await createReceiptKeys(db()).list()
    expect(receipts.map((receipt) => checkReceipt(receipt?.envelope ?? '', list).verdict)).toEqual(
      ids.map(() => 'valid'),
    )
  })

  test('the attempt that published last has the receipt', async () => {
    const errors: unknown[] = []
    await issuer().issue(order())
    expect(await issuer().issue(order({ attempt: 2, commit: OTHER }))).toMatchObject({ commit: OTHER })
    expect(await issuer(db(), errors).issue(order({ attempt: 1, commit: COMMIT }))).toBeUndefined()
    expect(errors).toMatchObject([{ code: 'conflict' }])
    expect(await createReceiptStore(db()).find('run-1')).toMatchObject({ commit: OTHER })
  })

  test('the name of a branch is masked', async () => {
    const receipt = await issuer().issue({ ...order(), head: { ...HEAD, branch: 'fix-hunter2' } })
    const { payload } = JSON.parse(receipt?.envelope ?? '{}') as { payload: string }
    expect(Buffer.from(payload, 'base64').toString()).toContain('"branch":"fix-[redacted]"')
  })

  test('there is no receipt for a tree that was not verified, nor from a draft of another version', async () => {
    const errors: unknown[] = []
    const head = { ...HEAD, tree: OTHER }
    expect(await issuer(db(), errors).issue({ ...order(), head })).toBeUndefined()
    const draft = { ...DRAFT, files: [{}] } as unknown as typeof DRAFT
    expect(await issuer(db(), errors).issue({ ...order(), draft })).toBeUndefined()
    expect(errors).toMatchObject([{ code: 'tree_mismatch' }, { code: 'conflict' }])
    expect(await createReceiptStore(db()).find('run-1')).toBeUndefined()
  })

  test('a receipt goes with its run, and a key whose secret is lost is replaced', async () => {
    const first = await issuer().issue(order())
    await sql`delete from receipt_secrets`.execute(db().sql)
    await sql`delete from runs`.execute(db().sql)
    expect(await createReceiptStore(db()).find('run-1')).toBeUndefined()
    await createReceiptKeys(db()).ensure()
    expect(await createReceiptKeys(db()).list()).toMatchObject([
      { keyid: first?.keyid, retiredAt: expect.any(Date) },
      { retiredAt: null },
    ])
  })
})
