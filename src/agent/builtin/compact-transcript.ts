import { segmentOf, segmentStart } from '../../models/segment.ts'
import type { Entry, HarnessEntry, HumanEntry, Transcript } from '../../models/transcript.ts'
import type { PlanItem } from '../agent-event.ts'
import { plainSummaryNote, summaryNote } from './compaction-text.ts'

const LAST_RESULTS = 3

/** How often the transcript of a run was compacted: as many segments as it has, less the first. */
export function countCompactions({ entries }: Transcript): number {
  return entries.filter((entry) => entry.role === 'user' && entry.startsSegment).length
}

/**
 * The entries of a new segment: what the run began with, what people and the harness have said since, and a summary
 * of the rest. No turn of a model is taken along, so there is no reasoning that could be found out of its place.
 *
 * @param given.summary in the model's words; undefined when it wrote none.
 * @param given.stat what git says is changed.
 */
export function compactTranscript(
  transcript: Transcript,
  given: {
    readonly summary: string | undefined
    readonly stat: string
    readonly plan: readonly PlanItem[]
    readonly nonce: string
  },
): readonly Entry[] {
  const [first, ...later] = segmentOf(transcript)
  const begin: HumanEntry = {
    role: 'user',
    startsSegment: true,
    parts: first?.role === 'user' ? first.parts : [],
  }
  return [begin, ...later.filter(isKept), summaryEntry(transcript, given)]
}

function isKept(entry: Entry): boolean {
  return entry.role === 'user' || (entry.role === 'harness' && entry.about !== 'compaction')
}

function summaryEntry(
  transcript: Transcript,
  { summary, stat, plan, nonce }: Parameters<typeof compactTranscript>[1],
): HarnessEntry {
  const known = { stat, plan: plan.map(({ status, text }) => `- ${text} (${status.replace('_', ' ')})`) }
  const text = summary
    ? summaryNote(summary, known, nonce)
    : plainSummaryNote(
        { ...known, earlier: earlierSummary(transcript), results: lastResults(transcript) },
        nonce,
      )
  return { role: 'harness', about: 'compaction', parts: [{ type: 'text', text }] }
}

/** What this segment began with, when it is not the first. */
function earlierSummary(transcript: Transcript): string {
  if (segmentStart(transcript) === 0) return ''
  const note = segmentOf(transcript).find((entry) => entry.role === 'harness' && entry.about === 'compaction')
  return note?.role === 'harness' ? note.parts.map(({ text }) => text).join('\n') : ''
}

function lastResults(transcript: Transcript): string[] {
  return segmentOf(transcript)
    .flatMap((entry) => (entry.role === 'tool' ? entry.parts.map(({ text }) => text) : []))
    .slice(-LAST_RESULTS)
}
