import { callsOf, type Transcript } from './transcript.ts'

/**
 * What a transcript gets wrong, one line each: renderers repair all of it, but each is a bug of the agent.
 */
export function checkTranscript({ entries }: Transcript): string[] {
  const violations: string[] = []
  let open: readonly string[] = []
  if (entries[0] && entries[0].role !== 'user') violations.push(`entry 0 is ${entries[0].role}, not user`)
  for (const [index, entry] of entries.entries()) {
    if (entry.role === 'tool') {
      const given = entry.parts.map(({ callId }) => callId)
      if (given.join('\n') !== open.join('\n')) {
        violations.push(`entry ${index} answers [${given.join(', ')}] where [${open.join(', ')}] were called`)
      }
      open = []
      continue
    }
    if (open.length > 0) violations.push(`entry ${index} comes before the results of [${open.join(', ')}]`)
    open = entry.role === 'assistant' ? callsOf(entry).map(({ id }) => id) : []
  }
  if (open.length > 0) violations.push(`the results of [${open.join(', ')}] are missing`)
  return violations
}
