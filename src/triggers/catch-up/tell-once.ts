import { knownError } from '../../errors.ts'

/**
 * Makes repeated work tell of a trouble when it begins, not each time that it is still there: a server that has no
 * list of deliveries, a permission that is missing. What goes well in between makes it news again.
 */
export function tellOnce(
  work: (signal: AbortSignal) => Promise<void>,
  tell: (error: unknown) => void,
): (signal: AbortSignal) => Promise<void> {
  let told: string | undefined
  return async (signal) => {
    try {
      await work(signal)
      told = undefined
    } catch (error) {
      if (signal.aborted) return
      const trouble = knownError(error)?.message ?? String(error)
      if (trouble !== told) tell(error)
      told = trouble
    }
  }
}
