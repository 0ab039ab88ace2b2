import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AuditKind } from '../../src/audit/audit-entry.ts'

/** For each kind the test in which something real happens, and is found in the log. A kind without one does not compile. */
const SEEN_IN: { readonly [Kind in AuditKind]: string } = {
  'service.started': 'scenarios/plan-mode.test.ts',
  'service.paused': 'runs/pause/operator-pause.test.ts',
  'service.resumed': 'runs/pause/operator-pause.test.ts',
  'request.authorised': 'scenarios/plan-mode.test.ts',
  'request.refused': 'scenarios/plan-mode.test.ts',
  'request.repeated': 'scenarios/plan-mode.test.ts',
  'run.requested': 'scenarios/plan-mode.test.ts',
  'run.steered': 'scenarios/steering.test.ts',
  'plan.approved': 'scenarios/plan-mode.test.ts',
  'run.stop_asked': 'scenarios/commands-in-the-thread.test.ts',
  'run.started': 'scenarios/plan-mode.test.ts',
  'sandbox.opened': 'scenarios/plan-mode.test.ts',
  'instructions.used': 'scenarios/plan-mode.test.ts',
  'token.minted': 'scenarios/plan-mode.test.ts',
  'token.revoked': 'scenarios/plan-mode.test.ts',
  'token.not_revoked': 'scenarios/commands-in-the-thread.test.ts',
  'gate.passed': 'scenarios/plan-mode.test.ts',
  'gate.refused': 'pipeline/gate/secrets-in-a-run.test.ts',
  'change.published': 'scenarios/plan-mode.test.ts',
  'text.masked': 'scenarios/steering.test.ts',
  'run.ended': 'scenarios/plan-mode.test.ts',
  'api_token.created': 'commands/token.test.ts',
  'api_token.revoked': 'commands/token.test.ts',
  'person.signed_in': 'web/access/sign-in.test.ts',
  'person.not_signed_in': 'web/access/sign-in.test.ts',
  'person.signed_out': 'web/access/people.test.ts',
  'share.made': 'web/access/sharing.test.ts',
  'share.revoked': 'web/access/sharing.test.ts',
  'receipt_key.made': 'receipts/receipt-store.test.ts',
  'receipt.issued': 'receipts/receipt-store.test.ts',
  'database.restored': 'commands/backup.test.ts',
  'log.pruned': 'audit/hash-chain.test.ts',
}

test.for(Object.entries(SEEN_IN))('an entry of the kind %s is seen where it arises: %s', ([kind, file]) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  expect(text.includes(`'${kind}'`)).toBe(true)
})
