import { isProof } from '../../runs/proof-request.ts'
import type { Run } from '../../runs/run.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { codeSpan } from '../../text/markdown/fenced.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import {
  joinSafe,
  NOTHING,
  ownWords,
  type SafeMarkdown,
  safeMarkdown,
} from '../../text/markdown/safe-markdown.ts'
import { verdictLine } from '../texts/verification-text.ts'

/** A marker hidden in the one comment that all proofs of a pull request share. */
export const PROOF_MARKER = ownWords('<!-- backspace-proof -->')

/** What a proof must know about the other proofs of the same pull request. */
export interface SharedProof {
  /** True if this is the newest proof that has started, so that the comment shows it. Runs of a thread go in order. */
  readonly hasComment: boolean
  /** The commit that is proved; undefined until it has been read. */
  readonly sha: string | undefined
  /** Proofs that have ended, newest first. */
  readonly earlier: readonly Run[]
}

/** @returns undefined for a run that proves no pull request. */
export async function sharedProof(
  run: Run,
  store: Pick<RunStore, 'findOnThread'>,
): Promise<SharedProof | undefined> {
  const { thread, repository } = run.request
  if (!isProof(run.request) || thread === undefined) return undefined
  const runs = await store.findOnThread({ repository, number: thread.number })
  const proofs = runs.filter(({ request }) => isProof(request))
  const owner = proofs.find(({ startedAt }) => startedAt !== null) ?? proofs[0]
  const at = proofs.findIndex(({ id }) => id === run.id)
  return {
    hasComment: owner?.id === run.id,
    sha: proofs[at]?.progress.provedSha,
    earlier: proofs.slice(at + 1).filter(({ ending }) => ending !== null),
  }
}

const MOST_EARLIER = 10

/** Results of earlier proofs of a pull request, one line each. */
export function earlierProofs(
  earlier: readonly Run[],
  { runUrlOf, ...options }: OutboundOptions & { readonly runUrlOf: (runId: string) => string | undefined },
): SafeMarkdown {
  if (earlier.length === 0) return NOTHING
  const lines = earlier.slice(0, MOST_EARLIER).map(({ id, progress, ending, finishedAt }) => {
    const sha = progress.provedSha
    const commit = sha === undefined ? NOTHING : safeMarkdown`${codeSpan(sha.slice(0, 7))}: `
    const verdict = ending?.totals.verdict
    const text = verdict
      ? verdictLine(verdict)
      : outboundItem(ending?.message ?? '', { ...options, maxChars: 200 })
    const url = runUrlOf(id)
    const day = finishedAt?.toISOString().slice(0, 10) ?? 'the run'
    return safeMarkdown`- ${commit}${text} (${ownWords(url === undefined ? day : `[${day}](${url})`)})`
  })
  const more = earlier.length - lines.length
  const all = joinSafe([...lines, more > 0 ? safeMarkdown`- … and ${more} more` : NOTHING], '\n')
  const title = ownWords(earlier.length === 1 ? 'The earlier proof' : `${earlier.length} earlier proofs`)
  return safeMarkdown`<details><summary>${title}</summary>\n\n${all}\n\n</details>`
}
