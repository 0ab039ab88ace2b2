/** One call of a function. Its host counts the time from the request, and may end the process after the last second. */
export interface Invocation {
  /** By `performance.now()`. */
  readonly endsAt: number
  /** Resolves when the answer is complete. */
  readonly answered: Promise<void>
  /** Keeps the process from being frozen until the work is done. Its failures are the work's own affair. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

interface RequestContext {
  readonly waitUntil?: (work: Promise<unknown>) => void
}

/**
 * What Vercel's runtime says about the request in which this is called, as `@vercel/functions` reads it.
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

  // Said once and at once: a host may not hear what is said after the answer.
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
