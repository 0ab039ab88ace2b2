import type { VerifyReport } from '../agent.ts'
import { clipTitle } from '../clip-title.ts'
import type { FinishClaim, FinishVerdict } from '../tools/tool.ts'
import type { Ending } from './salvage-outcome.ts'

/** Looks at what the model claims when it calls `finish`, so that the outcome is never better than the facts. */
export interface FinishGate {
  readonly review: (claim: FinishClaim) => Promise<FinishVerdict>
  /** The same for a text that the model takes for the end, without having called `finish`. */
  readonly reviewText: (text: string) => Promise<FinishVerdict>
  /** Set once a claim was accepted. */
  readonly ending: () => Ending | undefined
}

const MAX_BOUNCES = 2

/** Why a claim does not hold, for the model, and what it is worth when the model insists. */
interface Objection {
  readonly text: string
  readonly insisted: Pick<Ending, 'kind' | 'reason' | 'code' | 'notes'>
}

/**
 * @param facts.hasChanged whether the workspace differs from how the run found it.
 * @param facts.verify the repository's own checks, run by the host.
 * @param fallbackTitle for a claim without one.
 */
export function createFinishGate(
  facts: { readonly hasChanged: () => Promise<boolean>; readonly verify: () => Promise<VerifyReport> },
  fallbackTitle: string,
): FinishGate {
  let bounces = 0
  let ending: Ending | undefined

  async function review(claim: FinishClaim): Promise<FinishVerdict> {
    const objection = await findObjection(claim, facts)
    if (objection && bounces < MAX_BOUNCES) {
      bounces++
      return { accepted: false, text: `Not finished yet. ${objection.text}` }
    }
    ending = toEnding(claim, { objection, fallbackTitle })
    return { accepted: true, text: 'accepted' }
  }

  return {
    review,
    reviewText: async (text) =>
      review({ outcome: (await facts.hasChanged()) ? 'done' : 'no_change', title: '', summary: text }),
    ending: () => ending,
  }
}

async function findObjection(
  { outcome }: FinishClaim,
  { hasChanged, verify }: { hasChanged: () => Promise<boolean>; verify: () => Promise<VerifyReport> },
): Promise<Objection | undefined> {
  if (outcome === 'blocked') return undefined
  const changed = await hasChanged()
  if (outcome === 'no_change') return changed ? LEFTOVERS : undefined
  if (!changed) return NOTHING_CHANGED
  if (outcome === 'partial') return undefined
  const { ok, report } = await verify()
  if (ok) return undefined
  return {
    text: `Something fails that did not fail before your change. Fix it, or finish with "partial" and say why.\n\n${report}`,
    insisted: { kind: 'partial', reason: 'Its own checks still fail.', code: 'agent_stuck' },
  }
}

const NOTHING_CHANGED: Objection = {
  text: 'Nothing changed in the workspace: call finish with "no_change" and the answer, or make the change.',
  insisted: {
    kind: 'partial',
    reason: 'The agent said that it made a change, but the workspace is as it was.',
    code: 'agent_stuck',
  },
}

const LEFTOVERS: Objection = {
  text:
    'The workspace has changes (see git status). Call finish with "done" if they are wanted; otherwise take them ' +
    'back and call finish with "no_change" again.',
  insisted: { kind: 'no_change', notes: 'The agent left changes in the workspace that are not published.' },
}

function toEnding(
  claim: FinishClaim,
  { objection, fallbackTitle }: { objection: Objection | undefined; fallbackTitle: string },
): Ending {
  const { notes: added, ...insisted } = objection?.insisted ?? {}
  const notes = [claim.notes, added].filter(Boolean).join('\n\n')
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
    ...insisted,
  }
}
