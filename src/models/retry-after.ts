/**
 * Milliseconds that a provider asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date.
 * Undefined when it did not say.
 */
export function retryAfter(headers: Headers | undefined, now: number = Date.now()): number | undefined {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  if (Number.isFinite(exact)) return Math.max(0, exact)
  const text = headers?.get('retry-after')
  if (!text) return undefined
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
