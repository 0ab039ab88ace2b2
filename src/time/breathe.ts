import { setImmediate as nextTurn } from 'node:timers/promises'

/** Far less than anyone notices, and far more than a turn of the event loop costs. */
const TURN_MS = 8

/**
 * For a loop over much that strangers wrote: called after each piece of work, it waits for the next turn of the event
 * loop whenever this turn has taken long, so that other requests and runs go on.
 */
export function createBreathe(now: () => number = () => performance.now()): () => Promise<void> {
  let began = now()
  return async () => {
    if (now() - began < TURN_MS) return
    await nextTurn()
    began = now()
  }
}

/** The same items. A stream that brings many at once would otherwise be read to its end in one turn of the event loop. */
export async function* withBreaks<T>(items: AsyncIterable<T>, now?: () => number): AsyncGenerator<T> {
  const breathe = createBreathe(now)
  for await (const item of items) {
    yield item
    await breathe()
  }
}
