import { type AssistantEntry, callsOf, type Entry } from './transcript.ts'

/**
 * A turn whose calls have ids that no call before them has. Both APIs give such ids themselves, but other servers that
 * speak their protocols start anew in each turn, and then both refuse the request.
 *
 * @param entries what stands before the turn.
 */
export function uniqueCalls(turn: AssistantEntry, entries: readonly Entry[]): AssistantEntry {
  const taken = new Set(
    entries.flatMap((entry) => (entry.role === 'assistant' ? callsOf(entry).map(({ id }) => id) : [])),
  )
  const parts = turn.parts.map((part) => {
    if (part.type !== 'tool_call') return part
    const id = freeId(part.id, taken)
    taken.add(id)
    return { ...part, id }
  })
  return { ...turn, parts }
}

function freeId(id: string, taken: ReadonlySet<string>): string {
  let free = id
  for (let number = 2; taken.has(free); number++) free = `${id}_${number}`
  return free
}
