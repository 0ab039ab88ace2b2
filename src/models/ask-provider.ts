import { ModelError } from './model-error.ts'
import type { ProviderName } from './transcript.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

/** What came back, and how long it took in milliseconds. */
export interface Asked<T> {
  readonly answer: T
  readonly durationMs: number
  readonly firstTokenMs: number | undefined
}

export interface AskOptions<T> {
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
