import {
  type AssistantEntry,
  callsOf,
  type Entry,
  type ToolResultPart,
  type Transcript,
} from '../../models/transcript.ts'

const INTERRUPTED =
  'Interrupted: the run stopped while this was in progress. It may have taken effect in part, or not at all. ' +
  'Look before you do it again.'

/**
 * A stored transcript may end between a call and its result, and providers refuse a call without one. Every such
 * call gets an `interrupted` result; a transcript without orphans is returned with equal entries.
 */
export function repairTranscript(stored: Transcript): Transcript {
  const entries: Entry[] = []
  for (const [index, entry] of stored.entries.entries()) {
    if (entry.role === 'tool' && stored.entries[index - 1]?.role === 'assistant') continue
    entries.push(entry)
    if (entry.role !== 'assistant') continue
    const next = stored.entries[index + 1]
    const results = completeResults(entry, next?.role === 'tool' ? next.parts : [])
    if (results.length > 0) entries.push({ role: 'tool', parts: results })
  }
  return { system: stored.system, entries }
}

function completeResults(entry: AssistantEntry, given: readonly ToolResultPart[]): ToolResultPart[] {
  return callsOf(entry).map(({ id }): ToolResultPart => {
    const result = given.find(({ callId }) => callId === id)
    return result ?? { type: 'tool_result', callId: id, status: 'interrupted', text: INTERRUPTED }
  })
}
