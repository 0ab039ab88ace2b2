import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as delay } from 'node:timers/promises'
import { type Sandbox as E2bSandbox, InvalidArgumentError, SandboxNotFoundError } from 'e2b'
import { untilAborted } from '../../time/within.ts'
import { SandboxError } from '../sandbox.ts'
import { explainDefinite, isRefusal } from './e2b-errors.ts'

/** Repeats calls to a sandbox when a fault may pass. */
export interface E2bReach {
  /**
   * Calls the sandbox until it answers. E2B's edge and the daemon in the sandbox sometimes fail for seconds: 429, 502,
   * 503, 504, broken and refused connections. None of these means that the sandbox is gone; only the control plane can
   * say so. A paused sandbox is resumed.
   *
   * @param request must do no harm when it is repeated, even if an earlier call had its effect.
   * @throws {SandboxError} `gone`; `unreachable` after about half a minute; what the sandbox says about `path`.
   * @throws {InvalidArgumentError} if the sandbox rejects the request, and no path is given.
   * @throws the signal's reason, as soon as it aborts.
   */
  call<T>(request: () => Promise<T>, options?: CallOptions): Promise<T>
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Path of the file that the request is about, for messages. */
  readonly path?: string | undefined
  /** Whether the request goes to the control plane, so that a 404 really means that the sandbox is gone. */
  readonly control?: boolean
}

/** Milliseconds before each further attempt. With the time of the attempts themselves that is about half a minute. */
const WAITS_MS = [150, 350, 750, 1500, 2500, 4000, 5000, 5000, 5000, 5000]
/** Waits vary by up to this share, so that many sandboxes do not come back at the same moment. */
const JITTER = 0.3
const LONGEST_RETRY_AFTER_MS = 30_000
const ASK_TIMEOUT_MS = 10_000

interface E2bReachParts {
  readonly sandbox: E2bSandbox
  /** True once this process has ended the sandbox. */
  readonly isOver: () => boolean
  readonly onGone: () => void
  readonly sleep?: ((ms: number) => Promise<unknown>) | undefined
}

export function createE2bReach({ sandbox, isOver, onGone, sleep = delay }: E2bReachParts): E2bReach {
  let asking: Promise<'gone' | 'running' | 'unknown'> | undefined

  /** Several commands may fail at once, but one question is enough. */
  function ask(): Promise<'gone' | 'running' | 'unknown'> {
    asking ??= askControlPlane().finally(() => {
      asking = undefined
    })
    return asking
  }

  async function askControlPlane(): Promise<'gone' | 'running' | 'unknown'> {
    try {
      const { state } = await sandbox.getInfo({ requestTimeoutMs: ASK_TIMEOUT_MS })
      if (state === 'paused') await sandbox.connect({ requestTimeoutMs: 6 * ASK_TIMEOUT_MS })
      return 'running'
    } catch (error) {
      return error instanceof SandboxNotFoundError ? 'gone' : 'unknown'
    }
  }

  function gone(cause: unknown): SandboxError {
    onGone()
    const message = 'The E2B sandbox no longer exists: it was ended, or reached its time limit.'
    return new SandboxError('gone', message, { cause })
  }

  return {
    async call(request, { signal, path, control = false } = {}) {
      for (let failures = 0; ; failures++) {
        signal?.throwIfAborted()
        if (isOver()) throw gone(undefined)
        const advice = watchRetryAfter()
        try {
          return await untilAborted(request(), signal)
        } catch (error) {
          signal?.throwIfAborted()
          if (error instanceof SandboxError) throw error
          if (control && error instanceof SandboxNotFoundError) throw gone(error)
          const definite = explainDefinite(error, path)
          if (definite) throw definite
          if (error instanceof InvalidArgumentError) throw error
          if (isOver() || (await ask()) === 'gone') throw gone(error)
          const waitMs = isRefusal(error) ? undefined : WAITS_MS[failures]
          if (waitMs === undefined)
            throw new SandboxError('unreachable', 'The E2B sandbox does not answer.', { cause: error })
          const jittered = waitMs * (1 + JITTER * (2 * Math.random() - 1))
          await untilAborted(sleep(Math.max(jittered, advice.ms())), signal)
        } finally {
          advice.stop()
        }
      }
    },
  }
}

const ANSWERS = 'undici:request:headers'

/**
 * Remembers what the last busy server asked for in `Retry-After`. The SDK drops that header from errors of a sandbox's
 * calls, so this listens to the HTTP client. https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
 */
function watchRetryAfter(): { ms(): number; stop(): void } {
  let ms = 0
  const listen = (message: unknown) => {
    const { statusCode, headers = [] } = (message as AnswerMessage).response
    if (statusCode !== 429 && statusCode !== 503) return
    const at = headers.findIndex(
      (name, index) => index % 2 === 0 && String(name).toLowerCase() === 'retry-after',
    )
    const seconds = at < 0 ? 0 : Number(String(headers[at + 1]))
    if (seconds > 0) ms = Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS)
  }
  subscribe(ANSWERS, listen)
  return { ms: () => ms, stop: () => void unsubscribe(ANSWERS, listen) }
}

interface AnswerMessage {
  readonly response: { readonly statusCode: number; readonly headers?: readonly (Buffer | string)[] }
}
