import { BackspaceError } from '../errors.ts'
import type { ReceiptStore, StoredReceipt } from './receipt-store.ts'
import { type Predicate, type ReceiptDraft, receiptDraft, writeStatement } from './statement.ts'

/** Issues the receipts of runs. */
export interface ReceiptIssuer {
  /**
   * Signs and stores the receipt of a commit, once per run: a repeated call for the same commit finds the first receipt. It
   * never throws, since a run must not fail because of its receipt.
   *
   * @returns undefined if no receipt could be issued; the reason is reported to the operator.
   */
  issue(order: IssueOrder): Promise<StoredReceipt | undefined>
}

interface IssueOrder {
  readonly runId: string
  readonly attempt: number
  /** The draft that was stored with the plan, perhaps by an earlier version of Backspace. */
  readonly draft: ReceiptDraft
  /** The commit on GitHub, whose `tree` must be the verified one. */
  readonly head: Predicate['head']
}

interface IssuerParts {
  readonly store: Pick<ReceiptStore, 'sign'>
  /** Version of Backspace. */
  readonly version: string
  /** URL of a run's page; undefined when only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  /** Masks texts that the draft does not hold, such as the name of a branch, which may be an outsider's text. */
  readonly redact: (text: string) => string
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
}

export function createReceiptIssuer({ store, version, runUrl, redact, onError }: IssuerParts): ReceiptIssuer {
  const service = { name: 'Backspace', version, node: process.version } as const

  async function issue({ runId, attempt, draft, head }: IssueOrder): Promise<StoredReceipt> {
    const read = receiptDraft.safeParse(draft)
    if (!read.success) {
      throw new BackspaceError('conflict', 'Another version of Backspace prepared this receipt.', {
        cause: read.error,
      })
    }
    const { run, ...facts } = read.data
    if (facts.verification.tree !== head.tree) {
      throw new BackspaceError(
        'tree_mismatch',
        'The published commit has another tree than the one that was verified, so it gets no receipt.',
        { facts: { verified: facts.verification.tree, published: head.tree } },
      )
    }
    return await store.sign({ runId, attempt, commit: head.commit }, (issuedAt) =>
      writeStatement({
        ...facts,
        format: 1,
        issuedAt: issuedAt.toISOString(),
        service,
        run: { ...run, url: runUrl(runId) },
        head: { ...head, branch: redact(head.branch) },
      }),
    )
  }

  return {
    async issue(order) {
      try {
        return await issue(order)
      } catch (error) {
        onError(error, { runId: order.runId })
        return undefined
      }
    },
  }
}
