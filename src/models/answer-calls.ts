import { segmentOf } from './segment.ts'
import { callsOf, type Entry, type ToolCallPart, type ToolResultPart, type Transcript } from './transcript.ts'

/**
 * The entries of the last segment as a provider accepts them: after an assistant entry with calls stands exactly one tool entry with
 * one result per call, in the calls' order. Results that a crash lost become `interrupted`; results that answer
 * nothing are left out. A transcript that keeps its contract comes back as it is.
 */
export function answerCalls(transcript: Transcript): Entry[] {
  const entries = segmentOf(transcript)
  const answered: Entry[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry.role === 'tool') continue
    answered.push(entry)
    const calls = entry.role === 'assistant' ? callsOf(entry) : []
    if (calls.length > 0) answered.push({ role: 'tool', parts: resultsFor(calls, entries, index) })
  }
  return answered
}

function resultsFor(
  calls: readonly ToolCallPart[],
  entries: readonly Entry[],
  after: number,
): ToolResultPart[] {
  const given = new Map<string, ToolResultPart>()
  for (const entry of entries.slice(after + 1)) {
    if (entry.role === 'assistant') break
    for (const part of entry.role === 'tool' ? entry.parts : []) {
      if (!given.has(part.callId)) given.set(part.callId, part)
    }
  }
  return calls.map(({ id }) => given.get(id) ?? interrupted(id))
}

function interrupted(callId: string): ToolResultPart {
  return {
    type: 'tool_result',
    callId,
    status: 'interrupted',
    text: 'This call was interrupted; it may or may not have run.',
  }
}
