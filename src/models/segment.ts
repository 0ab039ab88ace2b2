import type { Entry, Transcript } from './transcript.ts'

/**
 * Where the part begins that models are shown: the last entry that starts a segment, else the first entry. What
 * stands before it is kept as the record of the run, and never sent again.
 */
export function segmentStart({ entries }: Pick<Transcript, 'entries'>): number {
  return Math.max(
    0,
    entries.findLastIndex((entry) => entry.role === 'user' && entry.startsSegment === true),
  )
}

/** The entries that models are shown. */
export function segmentOf(transcript: Pick<Transcript, 'entries'>): readonly Entry[] {
  return transcript.entries.slice(segmentStart(transcript))
}
