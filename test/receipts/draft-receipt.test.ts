import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { draftReceipt, recordCommand } from '../../src/receipts/draft-receipt.ts'
import { receiptDraft, writeStatement } from '../../src/receipts/statement.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { check, named } from '../runs/summary/verifications.ts'
import { DRAFT, FACTS, factsAt } from './sample-receipt.ts'

const SECRET = 'canary-secret-value-0123456789'
const redact = createRedact([SECRET])

test('secrets are masked wherever text comes in, before anything is signed', async () => {
  const [command] = FACTS.commands
  const draft = await draftReceipt(
    {
      ...FACTS,
      run: { ...FACTS.run, request: { ...FACTS.run.request, requester: { login: SECRET, owner: SECRET } } },
      base: { ...FACTS.base, branch: SECRET },
      files: FACTS.files.map((file) => ({ ...file, path: `${SECRET}/a`, previousPath: `${SECRET}/b` })),
      commands: command === undefined ? [] : [{ ...command, folder: SECRET, command: `curl -u ${SECRET}` }],
      verification: {
        ...FACTS.verification,
        unverified: SECRET,
        checks: [{ ...check('fixed', { newlyPassing: named(SECRET) }), command: SECRET }],
        notChecked: [{ path: SECRET, reason: SECRET }],
        differences: [SECRET],
      },
      sandbox: { kind: 'e2b', template: SECRET },
      models: [SECRET],
    },
    redact,
  )
  const signed = writeStatement({ ...factsAt('2026-11-29T08:00:00.000Z'), ...draft }).toString()
  expect(signed).not.toContain(SECRET)
  expect(signed.match(/\[redacted\]/g)?.length).toBe(19)
})

test('digests are as they are, whatever masks take for a secret', async () => {
  const draft = await draftReceipt(
    FACTS,
    createRedact(['2'.repeat(40), '5ab2f8a4323abafb10abb68657d9d39f1a775057']),
  )
  const [, , added] = draft.files
  expect(draft.files.map(({ digest }) => digest)).toEqual(DRAFT.files.map(({ digest }) => digest))
  expect(added?.digest?.sha256).toBe(createHash('sha256').update('test').digest('hex'))
  expect(draft.verification).toMatchObject({ tree: '2'.repeat(40), baseSha: '1'.repeat(40) })
})

test('files are sorted, a deletion has no digest, and a draft is stored as JSON without losing anything', () => {
  expect(DRAFT.files.map(({ path, digest }) => [path, digest?.gitBlob])).toEqual([
    ['app.js', '5ab2f8a4323abafb10abb68657d9d39f1a775057'],
    ['old.js', undefined],
    ['test/app.test.js', '30d74d258442c7c65512eafab474568dd706c430'],
  ])
  const stored: unknown = JSON.parse(JSON.stringify(DRAFT))
  expect(receiptDraft.parse(stored)).toEqual(stored)
})

test('what contradicts itself is not signed', () => {
  const facts = factsAt('2026-11-29T08:00:00.000Z')
  const tree = '9'.repeat(40)
  expect(() => writeStatement({ ...facts, verification: { ...facts.verification, tree } })).toThrow(
    'contradict',
  )
  const base = { ...facts.base, commit: tree }
  expect(() => writeStatement({ ...facts, base })).toThrow('contradict')
})

test('of many commands the first are listed, and all are counted', async () => {
  const place = { room: 'head', purpose: 'check', folder: '' } as const
  const run = { command: 'x'.repeat(10_000), exitCode: 1, durationMs: 1, output: 'é' }
  const { commands } = await draftReceipt(
    { ...FACTS, commands: Array(600).fill(recordCommand(place, run)) },
    redact,
  )
  expect([commands.count, commands.list.length]).toEqual([600, 500])
  expect(commands.list[0]?.command.length).toBeLessThanOrEqual(4096)
  expect(commands.list[0]?.log).toEqual({
    sha256: createHash('sha256').update('é').digest('hex'),
    bytes: 2,
  })
})
