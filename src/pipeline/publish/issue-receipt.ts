import { knownError } from '../../errors.ts'
import { getCommit } from '../../github/commits.ts'
import type { ReceiptIssuer } from '../../receipts/receipt-issuer.ts'
import type { ReceiptDraft } from '../../receipts/statement.ts'
import { fenced } from '../../text/markdown/fenced.ts'
import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import type { Attempt } from '../attempt.ts'
import type { PublishTarget } from './publish-plan.ts'

/** The texts about a commit's receipt that people see. */
export interface ShownReceipt {
  /** One line with the receipt's address, or the reason why there is none; empty if nothing was verified. */
  readonly line: SafeMarkdown
  /** The whole receipt for the check run; empty if there is none, or if it is too long for GitHub. */
  readonly whole: SafeMarkdown
}

const NO_RECEIPT: ShownReceipt = { line: NOTHING, whole: NOTHING }

interface IssueParts {
  readonly receipts: ReceiptIssuer | undefined
  readonly attempt: Pick<Attempt, 'run' | 'number'>
  readonly runUrl: string | undefined
}

interface ReceiptedCommit {
  /** Undefined if nothing was verified. */
  readonly draft: ReceiptDraft | undefined
  readonly branch: string
  readonly commit: string
  readonly pullRequest?: number | undefined
}

export type IssueReceipt = (target: PublishTarget, about: ReceiptedCommit) => Promise<ShownReceipt>

/** Characters of a receipt in a check run, whose text GitHub limits to 65,535. */
const MOST_CHARACTERS = 60_000

/** Signs the receipt once the commit exists, provided that the commit on GitHub has exactly the verified tree. */
export function createIssueReceipt({ receipts, attempt, runUrl }: IssueParts): IssueReceipt {
  const { run, number } = attempt

  return async ({ octokit, repository }, { draft, branch, commit, pullRequest }) => {
    if (receipts === undefined || draft === undefined) return NO_RECEIPT
    // The commit may be in a fork only, where this repository does not have it.
    const found = await getCommit(octokit, { repository, sha: commit }).catch((error: unknown) => {
      if (knownError(error)) return undefined
      throw error
    })
    if (found === undefined) return NO_RECEIPT
    const { tree } = found
    if (tree !== draft.verification.tree) {
      return {
        line: safeMarkdown`⚠️ The branch moved while the change was verified: what is verified is this change on commit ${ownWords(draft.base.commit.slice(0, 7))}, not the commit that it became. Comment \`/backspace prove\` to have this one verified.`,
        whole: NOTHING,
      }
    }
    const head = { branch, commit, tree, pullRequest }
    const receipt = await receipts.issue({ runId: run.id, attempt: number, draft, head })
    if (receipt === undefined) return NO_RECEIPT
    const { envelope, sha256 } = receipt
    const name =
      runUrl === undefined ? safeMarkdown`Signed receipt` : ownWords(`[Signed receipt](${runUrl}/receipt)`)
    const line = safeMarkdown`${name} of this verification, SHA-256 \`${ownWords(sha256.slice(0, 16))}…\``
    if (envelope.length > MOST_CHARACTERS) return { line, whole: NOTHING }
    const how = safeMarkdown`Save it as \`receipt.json\` and check it with \`npm run verify -- receipt.json --keys <keys.json>\`.`
    return { line, whole: joinSafe([safeMarkdown`${line}. ${how}`, fenced(envelope, 'json')], '\n\n') }
  }
}
