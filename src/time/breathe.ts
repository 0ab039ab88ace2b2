import { setImmediate } from 'node:timers'

/** Too short to be noticed, and far longer than a turn of the event loop costs. */
const TURN_MS = 8

/** Call it after each piece of work. It resolves at once, or in a later turn of the event loop. */
export type Breathe = () => Promise<void>

/**
 * Lets loops over large untrusted input share an event loop. All of them together get 8 ms of a turn: with 8 ms for
 * each, many working runs would stop the event loop for that many times 8 ms. Loops that wait go on in the order in
 * which they came.
 *
 * @param now milliseconds.
 */
export function shareLoop(now: () => number = () => performance.now()): Breathe {
  /** When the first loop in this turn of the event loop began; undefined if none has. */
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

  /** Lets waiting loops go on, one after the other, while there is time. */
  function resume(): void {
    waiting.shift()?.()
    if (waiting.length === 0) return
    // A tick that a microtask asks for comes when no microtask is left, which means that the loop has done what it can
    // do now.
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

/** For the event loop of this process. A thread has its own event loop, and its own copy of this module. */
export const breathe = shareLoop()

/**
 * Yields the same items with breaks. Without them, a stream that brings many items at once would be read to its end in
 * one turn of the event loop.
 */
export async function* withBreaks<T>(items: AsyncIterable<T>, pause: Breathe = breathe): AsyncGenerator<T> {
  for await (const item of items) {
    yield item
    await pause()
  }
}
