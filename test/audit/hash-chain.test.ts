import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { markText, personActor, tokenActor } from '../../src/audit/audit-entry.ts'
import { type AuditLog, createAuditLog } from '../../src/audit/audit-log.ts'
import { canonicalJson } from '../../src/audit/hash-chain.ts'
import { pruneAudit } from '../../src/audit/prune-audit.ts'
import { verifyChain } from '../../src/audit/verify-chain.ts'
import type { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { onEachDatabase } from '../db/on-each-database.ts'
import { auditedKinds } from '../support/audited.ts'

const DAY_MS = 24 * 60 * 60_000
const started = (attempt: number) =>
  ({ kind: 'run.started', actor: 'backspace', runId: 'run-1', facts: { attempt } }) as const

function openLog(db: Database, at?: () => Date): AuditLog {
  return createAuditLog({
    db,
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    now: at,
    onError: (error) => expect.fail(String(error)),
  })
}

/** Ten entries in the chain of an otherwise empty log. */
async function fill(db: Database): Promise<void> {
  await sql`truncate audit_waiting`.execute(db.sql)
  await unguarded(db, sql`delete from audit_log`, sql`delete from audit_head`)
  const log = openLog(db)
  await Promise.all(Array.from({ length: 10 }, (_, index) => log.append(started(index + 1))))
  await log.close()
}

/** As a person who owns the database may do it. */
async function unguarded(db: Database, ...statements: readonly ReturnType<typeof sql>[]): Promise<void> {
  for (const table of ['audit_log', 'audit_head'] as const) {
    await sql`alter table ${sql.table(table)} disable trigger all`.execute(db.sql)
  }
  for (const statement of statements) await statement.execute(db.sql)
  for (const table of ['audit_log', 'audit_head'] as const) {
    await sql`alter table ${sql.table(table)} enable trigger all`.execute(db.sql)
  }
}

test('canonical JSON is the same whatever the order of the keys', () => {
  expect(canonicalJson({ b: [1, { d: 'ä"', c: null }], a: undefined })).toBe(
    '{"b":[1,{"c":null,"d":"ä\\""}]}',
  )
})

onEachDatabase(({ db: open, openAgain }) => {
  beforeAll(() => migrate(open()))

  test('entries are stored masked, bounded, and become a chain that verifies', async () => {
    const db = open()
    await fill(db)
    const log = openLog(db)
    const cut = `${'x'.repeat(497)}hunter2`
    const facts = {
      name: `a\0 \ud800${'x'.repeat(2_000)}`,
      owner: 'ada hunter2',
      cut,
      repositories: ['acme/*'],
    }
    await log.append({
      kind: 'api_token.created',
      actor: personActor({ id: 7, login: 'ada' }),
      facts: { ...facts, rights: ['start'], expiresAt: null },
    })
    log.note({
      kind: 'run.steered',
      actor: tokenActor('ci'),
      facts: { asked: 'x', text: markText('a prompt') },
    })
    await log.close()
    const report = await verifyChain(db)
    expect(report).toMatchObject({ entries: 12, waiting: 0, prunedThrough: 0, problem: undefined })
    const rows = await db.sql.selectFrom('audit_log').selectAll().orderBy('sequence', 'desc').execute()
    expect(rows[0]?.facts).toMatchObject({ text: { characters: 8 } })
    expect(rows[1]).toMatchObject({ actor: 'person:7:ada', facts: { owner: 'ada [redacted]' } })
    // A secret that the cut goes through leaves no first half.
    expect(JSON.stringify(rows[1]?.facts)).not.toContain('xhun')
    // Two texts of 500 characters, and little more.
    expect(JSON.stringify(rows[1]?.facts).length).toBeLessThan(1_200)
  })

  test('rows of the log can be neither changed nor deleted', async () => {
    const db = open()
    await fill(db)
    for (const attempt of [
      sql`update audit_log set actor = 'token:mallory' where sequence = 3`,
      sql`delete from audit_log where sequence = 3`,
      sql`truncate audit_log`,
      sql`update audit_head set sequence = 3`,
      sql`delete from audit_head`,
      sql`truncate audit_head`,
    ]) {
      await expect(attempt.execute(db.sql)).rejects.toThrow(/append-only|only moves forward/)
    }
    expect((await verifyChain(db)).problem).toBeUndefined()
  })

  describe('a person who owns the database is found out', () => {
    const TAMPERED: Readonly<Record<string, readonly [number, readonly ReturnType<typeof sql>[]]>> = {
      'who edits a fact': [4, [sql`update audit_log set facts = '{"attempt": 99}' where sequence = 4`]],
      'who edits a time': [4, [sql`update audit_log set at = at - interval '1 day' where sequence = 4`]],
      'who deletes an entry': [4, [sql`delete from audit_log where sequence = 4`]],
      'who deletes the first entries': [4, [sql`delete from audit_log where sequence < 4`]],
      'who deletes the last entries': [8, [sql`delete from audit_log where sequence >= 8`]],
      'who deletes everything': [1, [sql`delete from audit_log`]],
      'who deletes the end as well': [
        7,
        [sql`delete from audit_log where sequence > 7`, sql`delete from audit_head`],
      ],
      'who inserts an entry': [
        4,
        [
          sql`update audit_log set sequence = sequence + 100 where sequence >= 4`,
          sql`update audit_log set sequence = sequence - 99 where sequence > 100`,
          sql`insert into audit_log select 4, at, run_id, actor, kind, facts, hash, hash from audit_log where sequence = 3`,
        ],
      ],
      'who adds an entry at the end': [
        11,
        [
          sql`insert into audit_log select 11, at, run_id, actor, kind, facts, hash, hash from audit_log where sequence = 10`,
        ],
      ],
      'who swaps two entries': [
        4,
        [
          sql`update audit_log set sequence = 100 where sequence = 4`,
          sql`update audit_log set sequence = 4 where sequence = 5`,
          sql`update audit_log set sequence = 5 where sequence = 100`,
        ],
      ],
    }
    test.each(Object.entries(TAMPERED))('%s', async (_who, [sequence, statements]) => {
      await fill(open())
      await unguarded(open(), ...statements)
      expect((await verifyChain(open())).problem).toMatchObject({ sequence })
    })

    test('who writes the whole log again, by a head that is kept elsewhere', async () => {
      await fill(open())
      const kept = (await verifyChain(open())).head
      const log = openLog(open())
      await log.append(started(11))
      await log.close()
      expect((await verifyChain(open(), { sinceHead: kept.hash })).problem).toBeUndefined()
      await fill(open())
      expect((await verifyChain(open())).problem).toBeUndefined()
      const { problem } = await verifyChain(open(), { sinceHead: kept.hash })
      expect(problem?.text).toContain('The given head is not in the log')
    })
  })

  test('what is deleted for its age leaves a chain that verifies', async () => {
    const db = open()
    await fill(db)
    const before = await verifyChain(db)
    const later = new Date(Date.now() + 40 * DAY_MS)
    const log = openLog(db, () => later)
    await log.append(started(11))
    await log.close()
    expect(await pruneAudit(db, { keepDays: 30, now: () => later })).toBe(10)
    expect(await auditedKinds(db)).toContain('log.pruned')
    expect(await pruneAudit(db, { keepDays: 30, now: () => later })).toBe(0)
    const report = await verifyChain(db, { sinceHead: before.head.hash })
    expect(report).toMatchObject({ entries: 2, prunedThrough: 10, problem: undefined })
    await unguarded(db, sql`delete from audit_log where sequence = 11`)
    expect((await verifyChain(db)).problem).toMatchObject({ sequence: 12 })
  })

  test('two logs, of two processes where the database allows that, make one chain', async () => {
    const other = (await openAgain()) ?? open()
    await fill(open())
    const logs = [openLog(open()), openLog(other)]
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const log = logs[index % 2]
        await log?.append(started(index))
        if (index % 20 === 0) await log?.chain()
      }),
    )
    await Promise.all(logs.map((log) => log.close()))
    expect(await verifyChain(open())).toMatchObject({ entries: 210, waiting: 0, problem: undefined })
  })
})
