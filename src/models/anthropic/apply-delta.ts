import type { ContentBlock, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta']

/**
 * Adds to a block what a delta brings: text to text of the same name, a citation to the list of them, anything else
 * in its place. Written without a list of kinds, since a block of a kind that is not known yet goes back to Claude
 * as well, and must then be whole.
 */
export function applyDelta(block: ContentBlock, delta: Delta): void {
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(block))
  const { type: _, ...brought } = delta
  for (const [name, value] of Object.entries(brought)) {
    if (name === 'citation') {
      const { citations } = fields
      fields.citations = [...(Array.isArray(citations) ? citations : []), value]
      continue
    }
    const before = fields[name]
    // A block may start without the field that its deltas fill.
    fields[name] = typeof value === 'string' && typeof before === 'string' ? before + value : value
  }
  Object.assign(block, fields)
}
