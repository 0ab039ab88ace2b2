/**
 * Waits for `work` at most `ms` milliseconds. The work itself goes on; whatever it does later is ignored.
 *
 * @returns true when it succeeded in that time, false when it failed or took longer.
 */
export async function within(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  const succeeded = Promise.resolve(work).then(
    () => true,
    () => false,
  )
  return await withTimeout(succeeded, { ms, onTimeout: () => false })
}

/**
 * Waits for `work` at most `ms` milliseconds. The work itself goes on; whatever it does later is ignored.
 *
 * @param options.onTimeout returns a result to use instead, or throws.
 * @throws what `work` throws in that time.
 */
export async function withTimeout<T, Late>(
  work: Promise<T>,
  { ms, onTimeout }: { readonly ms: number; readonly onTimeout: () => Late },
): Promise<T | Late> {
  const { promise: timeout, resolve } = Promise.withResolvers<typeof TIMEOUT>()
  const timer = setTimeout(resolve, ms, TIMEOUT)
  try {
    const result = await Promise.race([work, timeout])
    return result === TIMEOUT ? onTimeout() : result
  } finally {
    clearTimeout(timer)
  }
}

const TIMEOUT = Symbol('timeout')

/**
 * Waits for `work` until the signal aborts. The work itself goes on; the caller must clean up whatever it still
 * produces.
 *
 * @throws what `work` throws; the signal's reason `graceMs` (default 0) after it aborts.
 */
export async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  graceMs = 0,
): Promise<T> {
  if (!signal) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), graceMs)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, aborted])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
