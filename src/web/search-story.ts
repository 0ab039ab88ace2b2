import type { RunEvent } from '../runs/run-event.ts'
import { sentenceOf } from '../runs/summary/sentences.ts'
import { wholeStart } from '../text/cut-text.ts'
import type { StoryHits } from './pages/story-part.ts'
import { createShowEvent } from './stream/show-event.ts'
import type { WebDeps } from './web-deps.ts'

const MOST_HITS = 50
/** Most stored events that a search checks. The log also finds masked text, which must not count as a hit. */
const MOST_LOOKED_AT = 400

/** Searches the text that a run shows. Masked text is not found, so that a search cannot guess a secret. */
export async function searchStory(
  { log, redact }: Pick<WebDeps, 'log' | 'redact'>,
  { runId, query }: { readonly runId: string; readonly query: string },
): Promise<StoryHits> {
  const show = createShowEvent(redact)
  const hits: { seq: number; text: string }[] = []
  let beforeSeq = 2_000_000_000
  for (let looked = 0; looked < MOST_LOOKED_AT && hits.length <= MOST_HITS; ) {
    const limit = MOST_HITS + 1
    const events = await log.search(runId, { text: query, beforeSeq, limit })
    for (const event of events) {
      const text = matchIn(await show(event), query)
      if (text !== undefined && hits.length <= MOST_HITS) hits.push({ seq: event.seq, text })
    }
    looked += events.length
    if (events.length < limit) break
    beforeSeq = events.at(-1)?.seq ?? 0
  }
  return { query, hits: hits.slice(0, MOST_HITS), more: hits.length > MOST_HITS }
}

/** The line that contains the words; undefined if no visible text does. */
function matchIn(event: RunEvent, query: string): string | undefined {
  const wanted = query.toLowerCase()
  for (const text of [sentenceOf(event), ...textsOf(event)]) {
    const line = text.split('\n').find((candidate) => candidate.toLowerCase().includes(wanted))
    if (line !== undefined) return aroundMatch(line.trim(), wanted)
  }
  return undefined
}

const AROUND = 60

function aroundMatch(line: string, wanted: string): string {
  const at = Math.max(0, line.toLowerCase().indexOf(wanted))
  const from = Math.max(0, at - AROUND)
  const shown = wholeStart(line.slice(from).toWellFormed(), wanted.length + 2 * AROUND)
  return `${from > 0 ? '…' : ''}${shown}${from + shown.length < line.length ? '…' : ''}`
}

/** Fields whose values are for programs, so they are not searched. */
const FOR_PROGRAMS = new Set([
  'type',
  'runId',
  'callId',
  'at',
  'kind',
  'responseId',
  'runUrl',
  'eventsUrl',
  'status',
])

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, item]) => (FOR_PROGRAMS.has(name) ? [] : textsOf(item)))
}
