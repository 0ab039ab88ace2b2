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
  if (canonical(earlier.head) !== canonical(later.head)) violations.push('system or tools changed')
  if (later.items.length < earlier.items.length) {
    violations.push(`${earlier.items.length - later.items.length} items are gone from the end`)
  }
  for (const [index, item] of earlier.items.entries()) {
    if (index >= later.items.length || canonical(item) === canonical(later.items[index])) continue
    violations.push(`item ${index} changed`)
    break
  }
  return violations
}

export interface RequestShape {
  readonly head: unknown
  readonly items: readonly unknown[]
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (key === 'cache_control') return undefined
    return key === 'content' && typeof item === 'string' ? [{ type: 'text', text: item }] : item
  })
}
