import { breathe } from './breathe.ts'

/** Work over text of any length: a generator that pauses after each small piece and returns the result. */
export type Pieces<T> = Generator<void, T, void>

/** Does the work without a pause: for short text, and for threads that serve no one else. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
  }
}

/** Does the work piece by piece; in between, other requests and runs go on. */
export async function inTurns<T>(pieces: Pieces<T>): Promise<T> {
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
    await breathe()
  }
}
