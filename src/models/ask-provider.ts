import { ModelError } from './model-error.ts'
import type { ProviderName } from './transcript.ts'

/** What came back, and how long it took in milliseconds. */
interface Asked<T> {
  readonly answer: T
  readonly durationMs: number
  readonly firstTokenMs: number | undefined
}

interface AskOptions<T> {
  readonly provider: ProviderName
  readonly model: string
  readonly signal: AbortSignal
  readonly idleMs: number
  readonly totalMs: number
  /** Sends the request; undefined when the answer broke off. `onFirst` marks the first visible byte. */
  readonly ask: (watchdog: Watchdog, onFirst: () => void) => Promise<T | undefined>
  readonly classify: (error: unknown) => ModelError
}

/**
 * One attempt at a turn, under the watchdog.
 *
 * @throws {ModelError} for everything that the provider or the line did; `signal.reason` when cancelled.
 */
export async function askProvider<T>(options: AskOptions<T>): Promise<Asked<T>> {
  const { signal, idleMs, totalMs } = options
  signal.throwIfAborted()
  const started = performance.now()
  let firstTokenMs: number | undefined
  const onFirst = () => {
    firstTokenMs ??= performance.now() - started
  }
  const watchdog = createWatchdog({ signal, idleMs, totalMs })
  try {
    const answer = await options.ask(watchdog, onFirst)
    // Both SDKs end the stream without an error when it is aborted.
    signal.throwIfAborted()
    if (answer === undefined) throw brokenOff(options, watchdog)
    return { answer, durationMs: performance.now() - started, firstTokenMs }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ModelError) throw error
    throw watchdog.expired() ? brokenOff(options, watchdog) : options.classify(error)
  } finally {
    watchdog.stop()
  }
}

function brokenOff<T>(options: AskOptions<T>, watchdog: Watchdog): ModelError {
  const { provider, model, idleMs, totalMs } = options
  const limit = watchdog.expired()
  if (!limit) {
    return new ModelError({
      class: 'transient',
      provider,
      model,
      userMessage: `The answer of ${model} broke off.`,
    })
  }
  const userMessage =
    limit === 'idle'
      ? `${model} was silent for ${Math.round(idleMs / 1000)} s.`
      : `${model} did not finish its turn within ${Math.round(totalMs / 1000)} s.`
  return new ModelError({ class: 'hang', provider, model, userMessage })
}

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
