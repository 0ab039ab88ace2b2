import { SECRET_SHAPES } from './shapes.ts'

/** Masks secrets in text. Idempotent: masking masked text changes nothing. */
export type Redact = (text: string) => string

const MASK = '[redacted]'

/**
 * Builds the masking function: exact values first (whatever their shape), then known shapes.
 *
 * @param values secrets known to this process; shorter ones than 6 characters are ignored, since masking them
 * would garble ordinary text.
 */
export function createRedact(values: Iterable<string>): Redact {
  const exact = [...new Set(values)].filter((value) => value.length >= 6).sort((a, b) => b.length - a.length)
  return (text) => {
    let masked = text
    for (const value of exact) masked = masked.replaceAll(value, MASK)
    for (const { pattern } of SECRET_SHAPES) masked = masked.replace(pattern, MASK)
    return masked
  }
}

/** Applies `redact` to every string inside a JSON-like value, keys included; other values are kept as they are. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return walk(value, redact, 0) as T
}

function walk(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return redact(value)
  if (depth > 32 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => walk(item, redact, depth + 1))
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), walk(item, redact, depth + 1)]),
  )
}
