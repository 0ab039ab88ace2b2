import type { VerifyReport } from '../agent.ts'
import type { FinishReviewedEvent } from '../agent-event.ts'
import { clipTitle } from '../clip-title.ts'
import type { FinishClaim, FinishVerdict } from '../tools/tool.ts'
import { findObjection, type Objection } from './find-objection.ts'
import { type EarlierReviews, SENT_BACK } from './recall-reviews.ts'
import type { Ending } from './salvage-outcome.ts'
import { selfReview } from './self-review.ts'

/** Looks at what the model claims when it calls `finish`, so that the outcome is never better than the facts. */
export interface FinishGate {
  readonly review: (claim: FinishClaim) => Promise<FinishVerdict>
  /** The same for a text that the model takes for the end, without having called `finish`. */
  readonly reviewText: (text: string) => Promise<FinishVerdict>
  /** Set once a claim was accepted. */
  readonly ending: () => Ending | undefined
}

export interface FinishGateParts {
  /** Whether the workspace differs from how the run found it. */
  readonly hasChanged: () => Promise<boolean>
  /** The repository's own checks and the guard, run by the host. */
  readonly verify: () => Promise<VerifyReport>
  /** True when nothing can be done any more but to finish: then no claim is sent back. */
  readonly isLastChance: () => boolean
  readonly onReviewed: (event: FinishReviewedEvent) => void
  readonly now: () => number
  /** Before a restart. */
  readonly earlier: EarlierReviews
  /** For a claim without one. */
  readonly fallbackTitle: string
}

const MAX_BOUNCES = 2

/** A claim is sent back at most twice; reading the own diff, once, comes on top. */
export function createFinishGate(parts: FinishGateParts): FinishGate {
  const { hasChanged, isLastChance, fallbackTitle, now } = parts
  const told = new Set<string>()
  let { bounces, reviewed } = parts.earlier
  let ending: Ending | undefined

  async function judge(claim: FinishClaim): Promise<FinishVerdict> {
    const { objection, verified } = await findObjection(claim, { ...parts, told })
    const mayContinue = !isLastChance()
    if (objection && bounces < MAX_BOUNCES && mayContinue) {
      bounces++
      for (const warning of verified?.warnings ?? []) told.add(warning)
      return { verdict: 'sent_back', text: `${SENT_BACK} ${objection.text}` }
    }
    if (!objection && verified?.diff && !reviewed && mayContinue) {
      reviewed = true
      return { verdict: 'self_review', text: selfReview({ diff: verified.diff, report: verified.report }) }
    }
    ending = toEnding(claim, { objection, fallbackTitle })
    return { verdict: 'accepted', text: 'accepted' }
  }

  async function review(claim: FinishClaim): Promise<FinishVerdict> {
    const startedAt = now()
    const judged = await judge(claim)
    parts.onReviewed({
      type: 'finish.reviewed',
      claim: claim.outcome,
      verdict: judged.verdict,
      message: describe(claim, judged),
      durationMs: Math.round(now() - startedAt),
    })
    return judged
  }

  return {
    review,
    reviewText: async (text) =>
      review({ outcome: (await hasChanged()) ? 'done' : 'no_change', title: '', summary: text }),
    ending: () => ending,
  }
}

function describe({ outcome }: FinishClaim, { verdict, text }: FinishVerdict): string {
  switch (verdict) {
    case 'accepted':
      return `The agent ends with "${outcome}"`
    case 'self_review':
      return 'The agent reviews its own change once more'
    case 'sent_back':
      return text.split('\n', 1)[0] ?? ''
  }
}

function toEnding(
  claim: FinishClaim,
  { objection, fallbackTitle }: { objection: Objection | undefined; fallbackTitle: string },
): Ending {
  const { notes } = claim
  return {
    kind: claim.outcome,
    title: clipTitle(claim.title) || fallbackTitle,
    summary: claim.summary,
    ...(notes && { notes }),
    ...(claim.outcome === 'blocked' && {
      question: claim.question ?? '',
      reason: 'The agent cannot go on without an answer.',
    }),
    ...(claim.outcome === 'partial' && {
      reason: 'The agent says that the work is not complete.',
      code: 'agent_stuck' as const,
    }),
    ...objection?.insisted,
  }
}
