/** Bytes per gibibyte. */
export const GIB = 1024 ** 3

const MIB = 1024 ** 2

/** Bytes for people, always in MiB: `1.5 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}

/** Dollars for people: `$0.41`, `under $0.01`; `price unknown` for null. */
export function costText(usd: number | null): string {
  if (usd === null) return 'price unknown'
  return usd > 0 && usd < 0.01 ? 'under $0.01' : `$${usd.toFixed(2)}`
}

/** A number with its noun: `1 turn`, `1,200 turns`, `2 repositories`. */
export function counted(count: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`
}

/** Milliseconds for people: `812 ms`, `4.2 s`, `3 min 5 s`, `1 h 2 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
