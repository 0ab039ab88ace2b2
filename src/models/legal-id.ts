import { createHash } from 'node:crypto'
import { type AssistantEntry, callsOf } from './transcript.ts'

/**
 * A call id that every provider takes: as it is when legal (`toolu_…` is fine for OpenAI, `call_…` for
 * Anthropic), else a hash of it, so that a call and its result always agree.
 */
export function legalCallId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`
}

/** A tool name that every provider takes; a model that made one up must not spoil the next request. */
export function legalToolName(name: string): string {
  const legal = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)
  return legal === '' ? 'unknown' : legal
}

/**
 * A provider's own blocks, with legal names, and with the ids that results are sent under in place of those that are
 * not legal or not unique.
 *
 * @param entry the same turn in our terms.
 */
export function withLegalCalls<T extends object>(
  native: readonly T[],
  entry: AssistantEntry,
  { callType, idField }: { readonly callType: string; readonly idField: string },
): T[] {
  const calls = [...callsOf(entry)]
  return native.map((block) => {
    if (!('type' in block) || block.type !== callType) return block
    const call = calls.shift()
    return call ? { ...block, [idField]: legalCallId(call.id), name: legalToolName(call.name) } : block
  })
}
