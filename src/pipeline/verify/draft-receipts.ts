import type { CheckResult } from '../../checks/run-checks.ts'
import { draftReceipt, type ReceiptFacts, recordCommand } from '../../receipts/draft-receipt.ts'
import type { ReceiptDraft } from '../../receipts/statement.ts'
import type { Run } from '../../runs/run.ts'
import type { Verification } from '../../runs/verification.ts'
import type { SandboxKind } from '../../sandbox/sandbox.ts'
import type { Redact } from '../../secrets/redact.ts'
import type { VerifiedBase } from './open-room.ts'

interface VerifiedFacts {
  readonly from: Pick<VerifiedBase, 'access' | 'base'>
  readonly files: ReceiptFacts['files']
  readonly verification: Verification | undefined
  readonly checks: { readonly before: readonly CheckResult[]; readonly after: readonly CheckResult[] }
  readonly models: readonly string[]
}

/** Writes what the receipt of a change will say; undefined if the change was not verified. */
export type DraftReceiptOf = (facts: VerifiedFacts) => Promise<ReceiptDraft | undefined>

interface DraftParts {
  readonly run: Pick<Run, 'id' | 'request'>
  /** `https://github.com`, or the Enterprise Server's address. */
  readonly webUrl: string
  readonly sandboxKind: SandboxKind
  readonly redact: Redact
}

export function createReceiptDrafts({ run, webUrl, sandboxKind, redact }: DraftParts): DraftReceiptOf {
  return async ({ from: { access, base }, files, verification, checks, models }) => {
    if (verification === undefined || verification.unverified !== undefined) return undefined
    const record = (room: 'baseline' | 'head') => (result: CheckResult) =>
      recordCommand({ room, purpose: 'check', folder: '' }, { ...result, output: result.tail })
    const facts = {
      run,
      repository: access.repository,
      webUrl,
      base,
      files,
      verification,
      commands: [...checks.before.map(record('baseline')), ...checks.after.map(record('head'))],
      sandbox: { kind: sandboxKind },
      models,
    }
    return await draftReceipt(facts, redact)
  }
}
