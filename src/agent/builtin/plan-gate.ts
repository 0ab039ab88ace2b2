import { clipTitle } from '../title.ts'
import type { FinishClaim } from '../tools/tool.ts'
import type { CommandLog } from './command-log.ts'
import { type FinishGate, joinNotes } from './finish-gate.ts'
import type { Ending } from './salvage-outcome.ts'

/** What a run that only plans is told along with its request. */
export const PLAN_REQUEST = `This run makes a plan and changes nothing: there are no tools to change or run anything. Read as much as you need to be sure. Then call finish with "done" and, as the summary, the plan in Markdown: what is to change in which files and why, in the order of doing it, how it is tested, and what could go wrong. A person reads it and approves it or not; it is then carried out from here. With "no_change" the summary is the answer to why nothing is to be done.`

/**
 * The finish gate of a run that only plans: there is no change to look at, and a claim is taken at its word, since a
 * person judges the plan.
 *
 * @param parts.fallbackTitle for a claim without one.
 */
export function createPlanGate(parts: {
  readonly fallbackTitle: string
  readonly describeCommands: CommandLog['describe']
}): FinishGate {
  let ending: Ending | undefined

  async function review(claim: FinishClaim) {
    const notes = joinNotes(parts.describeCommands(claim.testsRun ?? []), claim.notes)
    ending = toEnding({ ...claim, notes }, parts.fallbackTitle)
    return { verdict: 'accepted', text: 'accepted' } as const
  }

  return {
    review,
    reviewText: (text) => review({ outcome: 'done', title: '', summary: text }),
    ending: () => ending,
  }
}

function toEnding({ outcome, title, summary, notes, question }: FinishClaim, fallbackTitle: string): Ending {
  const shared = { title: clipTitle(title) || fallbackTitle, summary, ...(notes && { notes }) }
  switch (outcome) {
    case 'done':
    case 'partial':
      return { kind: 'plan', ...shared }
    case 'no_change':
      return { kind: 'no_change', ...shared }
    case 'blocked':
      return {
        ...{ kind: 'blocked', ...shared, question: question ?? '' },
        reason: 'The agent cannot plan on without an answer.',
      }
  }
}
