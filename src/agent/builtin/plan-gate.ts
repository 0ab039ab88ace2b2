import type { BareOutcome } from '../agent.ts'
import { clipTitle } from '../title.ts'
import type { FinishClaim } from '../tools/tool.ts'
import type { CommandLog } from './command-log.ts'
import { type FinishGate, joinNotes } from './finish-gate.ts'

/**
 * The finish gate of a run that only plans. There is no change to examine, so every claim is accepted: a person judges
 * the plan.
 *
 * @param parts.fallbackTitle the title for a claim without one.
 */
export function createPlanGate(parts: {
  readonly fallbackTitle: string
  readonly describeCommands: CommandLog['describe']
}): FinishGate {
  let outcome: BareOutcome | undefined

  async function review(claim: FinishClaim) {
    const notes = joinNotes(parts.describeCommands(claim.testsRun ?? []), claim.notes)
    outcome = toOutcome({ ...claim, notes, title: clipTitle(claim.title) || parts.fallbackTitle })
    return { verdict: 'accepted', text: 'accepted' } as const
  }

  return {
    review,
    reviewText: (text) => review({ outcome: 'done', title: '', summary: text }),
    outcome: () => outcome,
  }
}

function toOutcome({ outcome, title, summary, notes, question = '' }: FinishClaim): BareOutcome {
  switch (outcome) {
    case 'done':
    case 'partial':
      return { kind: 'plan', title, summary, notes }
    case 'no_change':
      return { kind: 'no_change', title, summary, notes }
    case 'blocked': {
      const reason = 'The agent needs an answer to finish the plan.'
      return { kind: 'blocked', title, summary, notes, question, reason }
    }
  }
}
