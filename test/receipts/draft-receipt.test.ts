import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { draftReceipt } from '../../src/receipts/draft-receipt.ts'
import { recordCommand } from '../../src/receipts/recorded-command.ts'
import { readStatement, receiptDraft, writeStatement } from '../../src/receipts/statement.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { atOnce } from '../../src/time/pieces.ts'
import { digestOutput } from '../../src/verify/output-digest.ts'
import { check, named } from '../runs/summary/verifications.ts'
import { DRAFT, FACTS, factsAt } from './sample-receipt.ts'

const SECRET = 'canary-secret-value-0123456789'
const redact = createRedact([SECRET])
const HEAD_CHECK = { room: 'head', purpose: 'check', files: 'change', folder: '' } as const
const RAN = { command: 'npm test', exitCode: 1, durationMs: 1 }

test('secrets are masked wherever text comes in, before anything is signed', async () => {
  const draft = await draftReceipt(
    {
      ...FACTS,
      run: { ...FACTS.run, request: { ...FACTS.run.request, requester: { login: SECRET, owner: SECRET } } },
      base: { ...FACTS.base, branch: SECRET },
      files: FACTS.files.map((file) => ({ ...file, path: `${SECRET}/a`, previousPath: `${SECRET}/b` })),
      commands: [
        atOnce(
          recordCommand(
            { ...HEAD_CHECK, folder: SECRET, hunk: { path: SECRET, from: 1, to: 2 } },
            { result: { ...RAN, command: `curl -u ${SECRET}` }, tests: [{ name: SECRET, status: 'failed' }] },
          ),
        ),
      ],
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
  expect(signed.match(/\[redacted\]/g)?.length).toBe(21)
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
  const run = { result: { ...RAN, command: 'x'.repeat(10_000) }, log: digestOutput('é') }
  const commands600 = Array(600).fill(atOnce(recordCommand(HEAD_CHECK, run)))
  const { commands } = await draftReceipt({ ...FACTS, commands: commands600 }, redact)
  expect([commands.count, commands.list.length]).toEqual([600, 500])
  expect(commands.list[0]?.command.length).toBeLessThanOrEqual(4096)
  expect(commands.list[0]?.log).toEqual({
    sha256: createHash('sha256').update('é').digest('hex'),
    bytes: 2,
  })
})

test('tests are counted, the first are named, failed ones before others, and a digest covers all', async () => {
  const tests = Array.from({ length: 30 }, (_, at) => {
    return { name: `test ${String(at).padStart(2, '0')}`, status: at === 29 ? 'failed' : 'passed' } as const
  })
  const recorded = atOnce(recordCommand(HEAD_CHECK, { result: RAN, tests }))
  const lines = tests.map(({ name, status }) => `${status} "${name}"\n`).sort()
  expect(recorded).toMatchObject({
    ended: 'failed',
    log: digestOutput(''),
    tests: {
      ...{ passed: 29, failed: 1, skipped: 0 },
      sha256: createHash('sha256').update(lines.join('')).digest('hex'),
    },
  })
  expect(recorded.tests?.names.slice(0, 2)).toEqual([tests[29], tests[0]])
  expect(atOnce(recordCommand(HEAD_CHECK, { result: RAN, tests: tests.toReversed() }))).toEqual(recorded)
  const { commands } = await draftReceipt({ ...FACTS, commands: Array(30).fill(recorded) }, redact)
  const named = commands.list.map((command) => command.tests?.names.length)
  expect([named[0], named[9], named[10], named[29]]).toEqual([20, 20, 0, 0])
  expect(commands.list[29]?.tests).toMatchObject({ passed: 29, sha256: recorded.tests?.sha256 })
})

test('a receipt of a version that knew less of commands is read as it was', () => {
  const { room, purpose, folder, command, exitCode, durationMs, log } = atOnce(
    recordCommand(HEAD_CHECK, {
      result: RAN,
    }),
  )
  const list = [{ room, purpose, folder, command, exitCode, durationMs, log }]
  const older = { ...factsAt('2026-11-29T08:00:00.000Z'), commands: { count: 1, list } }
  const bytes = writeStatement(older)
  expect(bytes.toString()).not.toContain('"ended"')
  expect(readStatement(bytes)).toMatchObject({ predicate: { commands: { list } } })
})

test('the agents that worked are named in order; where they are not known, the models tell', async () => {
  const agentOf = async (facts: object) => (await draftReceipt({ ...FACTS, ...facts }, redact)).run.agent
  expect(await agentOf({ agents: ['claude-code', 'builtin'] })).toBe('claude-code, then builtin')
  expect(await agentOf({ models: ['dummy'] })).toBe('dummy')
  expect(await agentOf({ models: ['anthropic:a'] })).toBe('builtin')
  expect(await agentOf({ models: [] })).toBeUndefined()
})
