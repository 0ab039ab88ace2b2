import { setImmediate } from 'node:timers'

/** Far less than anyone notices, and far more than a turn of the event loop costs. */
const TURN_MS = 8

/** Called after each piece of work. It resolves at once, or in a later turn of the event loop. */
export type Breathe = () => Promise<void>

/**
 * Shares an event loop between loops over much that strangers wrote. All of them together get 8 ms of a turn: a budget
 * for each of them would stop the event loop for as many times 8 ms as there are runs at work. Those that wait go on in
 * the order in which they came.
 *
 * @param now milliseconds.
 */
export function shareLoop(now: () => number = () => performance.now()): Breathe {
  /** Since when this turn of the event loop is used; undefined while nothing here uses it. */
  let began: number | undefined
  const waiting: (() => void)[] = []

  function beginTurn(): void {
    began = now()
    setImmediate(() => {
      if (waiting.length === 0) {
        began = undefined
        return
      }
      beginTurn()
      resume()
    })
  }

  function isOver(): boolean {
    return began !== undefined && now() - began >= TURN_MS
  }

  /** One after the other, while there is time. */
  function resume(): void {
    waiting.shift()?.()
    if (waiting.length === 0) return
    // A tick that a microtask asks for comes when no microtask is left: this one has done what it can do now.
    queueMicrotask(() => {
      process.nextTick(() => {
        if (!isOver()) resume()
      })
    })
  }

  return async () => {
    if (began === undefined) beginTurn()
    else if (isOver()) await new Promise<void>((resolve) => void waiting.push(resolve))
  }
}

/** That of the event loop of this process; a thread has its own event loop, and its own copy of this module. */
export const breathe = shareLoop()

/** The same items. A stream that brings many at once would otherwise be read to its end in one turn of the event loop. */
export async function* withBreaks<T>(items: AsyncIterable<T>, pause: Breathe = breathe): AsyncGenerator<T> {
  for await (const item of items) {
    yield item
    await pause()
  }
}
