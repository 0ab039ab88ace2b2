import { BoundedMap } from './bounded-map.ts'

/** Answers of a read by key, kept for a time. Callers that ask for the same key meanwhile share one read. */
export interface KeptReads<Key, Value> {
  /**
   * The kept answer if it is younger than `keepMs`, else a fresh one. A read that fails is not kept.
   *
   * @throws what `read` throws.
   */
  get(key: Key, keepMs: number, read: () => Promise<Value>): Promise<Value>
}

/** @param options.most how many answers are kept; the one that was read longest ago is dropped first. */
export function keepReads<Key, Value>({
  most,
  now,
}: {
  readonly most: number
  readonly now: () => Date
}): KeptReads<Key, Value> {
  const kept = new BoundedMap<Key, { readonly at: number; readonly value: Promise<Value> }>(most)
  return {
    get(key, keepMs, read) {
      const at = now().getTime()
      const known = kept.get(key)
      if (known && at - known.at < keepMs) return known.value
      const answer = { at, value: read() }
      kept.set(key, answer)
      answer.value.catch(() => {
        // A later read may have taken this place.
        if (kept.get(key) === answer) kept.delete(key)
      })
      return answer.value
    },
  }
}
