import type { Entry, Transcript } from '../../models/transcript.ts'
import { CHECKLIST } from './self-review.ts'

/** How a claim that does not hold is answered; also how it is recognised later. */
export const SENT_BACK = 'Not finished yet.'

/** What the finish gate has said already. */
export interface EarlierReviews {
  readonly bounces: number
  /** True when the agent was shown its own diff. */
  readonly reviewed: boolean
}

/**
 * Reads from a stored transcript what its run has been through, so that a restart gives nothing twice.
 *
 * @param marker stands in the first message of the run; what another run said before it does not count.
 */
export function recallReviews({ entries }: Transcript, marker: string): EarlierReviews {
  const start = entries.findLastIndex(
    (entry) => entry.role === 'user' && JSON.stringify(entry).includes(marker),
  )
  const results = entries.slice(Math.max(0, start)).flatMap(resultTexts)
  return {
    bounces: results.filter((text) => text.startsWith(SENT_BACK)).length,
    reviewed: results.some((text) => text.startsWith(CHECKLIST)),
  }
}

function resultTexts(entry: Entry): readonly string[] {
  return entry.role === 'tool' ? entry.parts.map(({ text }) => text) : []
}
