/**
 * What `work` comes to, unless the signal aborts first. The work itself goes on: whoever began it has to see to
 * what comes of it.
 *
 * @throws the signal's reason, `graceMs` (default 0) after it aborts.
 */
export async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  graceMs = 0,
): Promise<T> {
  if (!signal) return work
  const aborted = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    timer = setTimeout(() => aborted.reject(signal.reason), graceMs)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    work.catch(() => {}) // Nobody else may be listening any more.
  }
}
