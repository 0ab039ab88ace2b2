/**
 * Compares two requests of the same conversation and says where the later one does not merely continue the
 * earlier: a changed beginning costs the prompt cache, and Claude rejects it outright when it holds thinking.
 * `cache_control` is left out and a string content equals one text block, as the API sees it.
 *
 * @param earlier and later: each the frozen head (system, tools) and the list that grows.
 * @returns one line per violation; empty when the earlier request is a prefix of the later.
 */
export function checkPrefix(earlier: RequestShape, later: RequestShape): string[] {
  const violations: string[] = []
  if (!isSame(earlier.head, later.head)) violations.push('system or tools changed')
  if (later.items.length < earlier.items.length) {
    violations.push(`${earlier.items.length - later.items.length} items are gone from the end`)
  }
  for (const [index, item] of earlier.items.entries()) {
    if (index >= later.items.length || isSame(item, later.items[index])) continue
    violations.push(`item ${index} changed`)
    break
  }
  return violations
}

export interface RequestShape {
  readonly head: unknown
  readonly items: readonly unknown[]
}

/** Field by field rather than as JSON: a text that both hold is compared without being written out, turn after turn. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const rest = fieldsOf(other)
  const fields = fieldsOf(one)
  return (
    fields.length === rest.length &&
    fields.every(([key, value], index) => key === rest[index]?.[0] && isSame(value, rest[index]?.[1]))
  )
}

/** Those that are sent, in the order in which they are. */
function fieldsOf(value: object): (readonly [key: string, value: unknown])[] {
  return Object.entries(value).flatMap(([key, field]) => {
    if (key === 'cache_control' || field === undefined) return []
    return [[key, key === 'content' && typeof field === 'string' ? [{ type: 'text', text: field }] : field]]
  })
}
