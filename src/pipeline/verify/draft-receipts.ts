import { draftReceipt, type ReceiptFacts } from '../../receipts/draft-receipt.ts'
import type { ReceiptDraft } from '../../receipts/statement.ts'
import type { Run } from '../../runs/run.ts'
import type { SandboxKind } from '../../sandbox/sandbox.ts'
import type { Redact } from '../../secrets/redact.ts'
import type { VerifiedBase } from './open-room.ts'
import type { Verified } from './verify-change.ts'

interface VerifiedFacts {
  readonly from: Pick<VerifiedBase, 'access' | 'base'>
  readonly files: ReceiptFacts['files']
  /** Undefined when verification is off. */
  readonly verified: Pick<Verified, 'verification' | 'commands' | 'versions'> | undefined
  readonly models: readonly string[]
  readonly agents?: readonly string[] | undefined
}

/** Drafts the receipt of a change; undefined if the change was not verified. */
export type DraftReceiptOf = (facts: VerifiedFacts) => Promise<ReceiptDraft | undefined>

interface DraftParts {
  readonly run: Pick<Run, 'id' | 'request'>
  /** `https://github.com`, or the address of the GitHub Enterprise Server. */
  readonly webUrl: string
  readonly sandboxKind: SandboxKind
  readonly redact: Redact
}

export function createReceiptDrafts({ run, webUrl, sandboxKind, redact }: DraftParts): DraftReceiptOf {
  return async ({ from: { access, base }, files, verified, models, agents }) => {
    if (verified === undefined || verified.verification.unverified !== undefined) return undefined
    const { verification, commands, versions } = verified
    const facts = {
      run,
      repository: access.repository,
      webUrl,
      base,
      files,
      verification,
      commands,
      sandbox: { kind: sandboxKind, ...versions },
      models,
      agents,
    }
    return await draftReceipt(facts, redact)
  }
}
