import type { Pieces } from '../time/pieces.ts'

/** How deep values may be nested. */
const MOST_LEVELS = 32

/** Applies `map` to every string inside a JSON-like value, keys included; other values are kept as they are. */
export function* mapTexts<T>(value: T, map: (text: string) => Pieces<string>): Pieces<T> {
  return (yield* walk(value, map, 0)) as T
}

function* walk(value: unknown, map: (text: string) => Pieces<string>, depth: number): Pieces<unknown> {
  if (typeof value === 'string') {
    const mapped = yield* map(value)
    yield
    return mapped
  }
  if (value === null || typeof value !== 'object') return value
  if (depth > MOST_LEVELS) return '[too deep]'
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) items.push(yield* walk(item, map, depth + 1))
    return items
  }
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  const entries: [string, unknown][] = []
  for (const [key, item] of Object.entries(value)) {
    entries.push([yield* map(key), yield* walk(item, map, depth + 1)])
  }
  return Object.fromEntries(entries)
}
