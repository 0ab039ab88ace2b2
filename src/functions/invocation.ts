/** One call of a function. The host counts its time from the request, and may end the process after the last second. */
export interface Invocation {
  /** When the call must end, by `performance.now()`. */
  readonly endsAt: number
  /** Resolves when the response is complete. */
  readonly answered: Promise<void>
  /** Keeps the host from freezing the process until the work is done. The work must handle its own failures. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

interface RequestContext {
  readonly waitUntil?: (work: Promise<unknown>) => void
}

/**
 * What Vercel's runtime offers for the present request, read in the same way as `@vercel/functions` reads it.
 * See https://vercel.com/docs/functions/functions-api-reference/vercel-functions-package
 */
const CONTEXT = Symbol.for('@vercel/request-context')

export function currentInvocation({ endsAt, answered }: Pick<Invocation, 'endsAt' | 'answered'>): Invocation {
  const holder: unknown = Reflect.get(globalThis, CONTEXT)
  const context = isHolder(holder) ? holder.get() : undefined
  const begun = new Set<Promise<unknown>>()

  async function allDone(): Promise<void> {
    await answered
    while (begun.size > 0) await Promise.all(begun)
  }

  // Called once, and at once: a host may ignore calls after the response.
  context?.waitUntil?.(allDone())
  return {
    endsAt,
    answered,
    waitUntil(work) {
      const done: Promise<unknown> = work.catch(() => {}).finally(() => begun.delete(done))
      begun.add(done)
    },
  }
}

function isHolder(value: unknown): value is { get(): RequestContext | undefined } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'get') === 'function'
}
