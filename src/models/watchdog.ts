/** Bounds one request to a provider. Call `stop` when it is over, whatever its end. */
export interface Watchdog {
  /** Aborts when the caller cancels or time runs out. */
  readonly signal: AbortSignal
  /** The global fetch, counting every byte of an answer as a sign of life. */
  readonly fetch: typeof fetch
  /** Which limit ran out; undefined while none did. */
  expired(): 'idle' | 'total' | undefined
  stop(): void
}

/**
 * Neither SDK bounds the body of a stream: one that stalls after its headers is waited for without end. Pings do
 * not reach the SDKs' iterators, so life is measured on bytes.
 */
export function createWatchdog({
  signal,
  idleMs,
  totalMs,
}: {
  signal: AbortSignal
  idleMs: number
  totalMs: number
}): Watchdog {
  const time = new AbortController()
  let expired: 'idle' | 'total' | undefined
  const expire = (limit: 'idle' | 'total') => {
    expired ??= limit
    time.abort()
  }
  const idle = setTimeout(() => expire('idle'), idleMs)
  const total = setTimeout(() => expire('total'), totalMs)
  return {
    signal: AbortSignal.any([signal, time.signal]),
    fetch: async (input, init) => watchBody(await fetch(input, init), () => idle.refresh()),
    expired: () => expired,
    stop: () => {
      clearTimeout(idle)
      clearTimeout(total)
    },
  }
}

function watchBody(response: Response, alive: () => void): Response {
  alive()
  if (!response.body) return response
  const watched = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        alive()
        controller.enqueue(chunk)
      },
    }),
  )
  const { status, statusText, headers } = response
  return new Response(watched, { status, statusText, headers })
}
