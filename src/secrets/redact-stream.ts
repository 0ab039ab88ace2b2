import { createRedact } from './redact.ts'

/** Masks text that arrives in chunks. What it gives out is masked; it holds back what could begin a secret. */
export interface RedactStream {
  readonly write: (chunk: string) => string
  /** The rest, masked. */
  readonly end: () => string
}

/** More than this is never held back. */
const MOST_HELD = 16_384

/** @param values secrets known to this process, as for `createRedact`. */
export function createRedactStream(values: Iterable<string>): RedactStream {
  const redact = createRedact(values)
  let held = ''

  return {
    write(chunk) {
      held += chunk
      const end = held.length > MOST_HELD ? held.length : held.search(/\S*$/)
      const ready = held.slice(0, end)
      held = held.slice(end)
      return redact(ready)
    },
    end() {
      const rest = held
      held = ''
      return redact(rest)
    },
  }
}
