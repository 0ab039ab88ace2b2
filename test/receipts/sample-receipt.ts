import { generateKeyPairSync } from 'node:crypto'
import { draftReceipt, type ReceiptFacts } from '../../src/receipts/draft-receipt.ts'
import { type SigningKey, sealEnvelope } from '../../src/receipts/envelope.ts'
import { keyIdOf, type ReceiptKey } from '../../src/receipts/key-list.ts'
import { recordCommand } from '../../src/receipts/recorded-command.ts'
import { type Predicate, writeStatement } from '../../src/receipts/statement.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { atOnce } from '../../src/time/pieces.ts'
import { digestOutput } from '../../src/verify/output-digest.ts'
import { check, named, verificationOf } from '../runs/summary/verifications.ts'

const BASE = '1'.repeat(40)
const TREE = '2'.repeat(40)
export const COMMIT = '3'.repeat(40)

/** What a run knows that fixed a failing test. */
export const FACTS: ReceiptFacts = {
  run: {
    id: 'run-1',
    request: {
      trigger: 'comment',
      repository: { owner: 'acme', name: 'greeter' },
      prompt: 'Fix the sign',
      requester: { login: 'ada', id: 7 },
      options: {},
      tainted: false,
    },
  },
  repository: { owner: 'acme', name: 'greeter', id: 42 },
  webUrl: 'https://github.com',
  base: { branch: 'main', sha: BASE, tree: '4'.repeat(40) },
  files: [
    {
      path: 'test/app.test.js',
      status: 'added',
      mode: '100644',
      bytes: Buffer.from('test'),
      sha: '30d74d258442c7c65512eafab474568dd706c430',
    },
    { path: 'old.js', status: 'deleted', mode: '000000', bytes: null, sha: null },
    {
      path: 'app.js',
      status: 'modified',
      mode: '100644',
      bytes: Buffer.from('Hello'),
      sha: '5ab2f8a4323abafb10abb68657d9d39f1a775057',
    },
  ],
  verification: verificationOf({
    baseSha: BASE,
    tree: TREE,
    checks: [check('fixed', { newlyPassing: named('adds', 'subtracts') })],
    regression: { verdict: 'fails_on_base', held: named('adds', 'subtracts'), loose: named() },
    necessity: { hunks: 1, tried: 1, held: 1, loose: [] },
    rooms: [{ name: 'head', durationMs: 5000, setupMs: 2000, cached: true }],
  }),
  commands: [
    atOnce(
      recordCommand(
        { room: 'head', purpose: 'setup', files: 'change', folder: '' },
        {
          result: { command: 'npm ci', exitCode: 0, durationMs: 3200 },
          log: digestOutput('added 2 packages'),
        },
      ),
    ),
    atOnce(
      recordCommand(
        { room: 'head', purpose: 'check', files: 'change', folder: '' },
        {
          result: { command: 'npm test', exitCode: 0, durationMs: 1200 },
          log: digestOutput('2 passed'),
          tests: [
            { name: 'subtracts', status: 'passed' },
            { name: 'adds', status: 'passed' },
          ],
        },
      ),
    ),
  ],
  sandbox: { kind: 'e2b', template: 'base', git: '2.47.3' },
  models: ['anthropic:claude-opus-5-5'],
}

export const DRAFT = await draftReceipt(FACTS, createRedact([]))
export const HEAD = { branch: 'backspace/fix', commit: COMMIT, tree: TREE, pullRequest: 12 }

export function factsAt(issuedAt: string): Predicate {
  const service = { name: 'Backspace', version: '0.1.0', node: 'v24.21.0' } as const
  return { format: 1, issuedAt, service, ...DRAFT, head: HEAD }
}

/** A key that signs, and its entry in the list. */
export function newKey(
  times: Partial<Pick<ReceiptKey, 'createdAt' | 'retiredAt'>> = {},
): ReceiptKey & { readonly signing: SigningKey } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const keyid = keyIdOf(publicKey)
  const createdAt = new Date('2026-11-01T00:00:00Z')
  return { keyid, publicKey, createdAt, retiredAt: null, ...times, signing: { keyid, privateKey } }
}

/** A receipt that is valid with this key. */
export function receiptBy(
  key: { readonly signing: SigningKey },
  issuedAt = '2026-11-29T08:00:00.000Z',
): string {
  return sealEnvelope(writeStatement(factsAt(issuedAt)), key.signing)
}
