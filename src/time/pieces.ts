import { breathe } from './breathe.ts'

/** Work over text of any length: a generator that yields after each small piece and returns the result. */
export type Pieces<T> = Generator<void, T, void>

/** Does the work without pauses. Use it for short text, and in threads that serve no one else. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
  }
}

/** Does the work piece by piece, so that other requests and runs go on in between. */
export async function inTurns<T>(pieces: Pieces<T>): Promise<T> {
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
    await breathe()
  }
}
