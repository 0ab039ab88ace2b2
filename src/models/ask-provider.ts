import { ModelError } from './model-error.ts'
import type { OnViolation } from './prefix-check.ts'
import type { TokenPrices } from './pricing.ts'
import type { ProviderName } from './transcript.ts'

/** What it takes to ask one model of a provider. */
export interface ProviderModelOptions {
  /** Model id: `claude-opus-5-5`, `gpt-6.1-sol`. */
  readonly model: string
  readonly apiKey: string
  /** Address of the API, which for OpenAI ends in `/v1`; default: the provider's public address. */
  readonly baseUrl?: string | undefined
  /** An answer counts as hung after this many milliseconds without a byte; default: 90 s. */
  readonly idleTimeoutMs?: number | undefined
  /** The most milliseconds that one turn may take; default: 10 min. */
  readonly totalTimeoutMs?: number | undefined
  /**
   * The most tokens that one turn may write, thinking included; default: 32,000 for Claude, the model's maximum for
   * OpenAI.
   */
  readonly maxOutputTokens?: number | undefined
  /** The prices that the operator configured; default: those of the bundled table. */
  readonly prices?: TokenPrices | undefined
  /** Called when a request does not continue the one before it, which is a bug of Backspace. */
  readonly onViolation?: OnViolation | undefined
}

const IDLE_MS = 90_000
/** The SDKs' own timeout is the same. */
export const TOTAL_MS = 600_000

/** An answer, and how long it took in milliseconds. */
interface Asked<T> {
  readonly answer: T
  readonly durationMs: number
  readonly firstTokenMs: number | undefined
}

interface AskOptions<T> {
  readonly provider: ProviderName
  readonly options: Pick<ProviderModelOptions, 'model' | 'idleTimeoutMs' | 'totalTimeoutMs'>
  readonly signal: AbortSignal
  /** Sends the request, and calls `onFirst` at the first visible byte. Returns undefined when the answer broke off. */
  readonly ask: (timer: TurnTimer, onFirst: () => void) => Promise<T | undefined>
  readonly classify: (error: unknown) => ModelError
}

/**
 * Makes one attempt at a turn, within the time limits.
 *
 * @throws {ModelError} for whatever goes wrong at the provider or on the way to it; `signal.reason` when cancelled.
 */
export async function askProvider<T>({
  provider,
  options,
  signal,
  ask,
  classify,
}: AskOptions<T>): Promise<Asked<T>> {
  const { model, idleTimeoutMs: idleMs = IDLE_MS, totalTimeoutMs: totalMs = TOTAL_MS } = options
  signal.throwIfAborted()
  const started = performance.now()
  let firstTokenMs: number | undefined
  const onFirst = () => {
    firstTokenMs ??= performance.now() - started
  }
  const timer = createTurnTimer({ signal, idleMs, totalMs })
  const brokenOff = (): ModelError => {
    const limit = timer.expired()
    if (!limit) {
      const userMessage = `The answer of ${model} broke off.`
      return new ModelError({ class: 'transient', provider, model, userMessage })
    }
    const userMessage =
      limit === 'idle'
        ? `${model} was silent for ${Math.round(idleMs / 1000)} s.`
        : `${model} did not finish its turn within ${Math.round(totalMs / 1000)} s.`
    return new ModelError({ class: 'hang', provider, model, userMessage })
  }
  try {
    const answer = await ask(timer, onFirst)
    // When aborted, both SDKs end the stream without an error.
    signal.throwIfAborted()
    if (answer === undefined) throw brokenOff()
    return { answer, durationMs: performance.now() - started, firstTokenMs }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ModelError) throw error
    throw timer.expired() ? brokenOff() : classify(error)
  } finally {
    timer.stop()
  }
}

/** Limits how long one request to a provider may take. Call `stop` when the request is over, however it ended. */
export interface TurnTimer {
  /** Aborts when the caller cancels or a time limit is exceeded. */
  readonly signal: AbortSignal
  /** The global fetch, which also counts every byte of the answer as a sign of life. */
  readonly fetch: typeof fetch
  /** The limit that was exceeded; undefined if none was. */
  expired(): 'idle' | 'total' | undefined
  stop(): void
}

/**
 * Adds the timeouts that the SDKs lack: neither limits the body of a stream, so both would wait forever for one that
 * stalls after its headers. Pings do not reach the SDKs' iterators, so every byte counts as a sign of life.
 */
export function createTurnTimer({
  signal,
  idleMs,
  totalMs,
}: {
  signal: AbortSignal
  idleMs: number
  totalMs: number
}): TurnTimer {
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
    fetch: async (input, init) => withLifeSigns(await fetch(input, init), () => idle.refresh()),
    expired: () => expired,
    stop: () => {
      clearTimeout(idle)
      clearTimeout(total)
    },
  }
}

function withLifeSigns(response: Response, alive: () => void): Response {
  alive()
  if (!response.body) return response
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        alive()
        controller.enqueue(chunk)
      },
    }),
  )
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}
