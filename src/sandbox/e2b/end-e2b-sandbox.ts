import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 2000
const REQUEST_TIMEOUT_MS = 10_000
const RETRY_PAUSES_MS = [500, 2000, 8000]

/**
 * Ends a sandbox. Whoever is waiting for the end of a run waits two seconds at most: a slow or failing service is
 * asked further in the background, and what cannot be ended ends when its time runs out.
 *
 * @param kill ends it; resolves as well when there is none.
 * @throws {unknown} what the service answered, or that it did not.
 */
export async function endE2bSandbox(kill: (requestTimeoutMs: number) => Promise<unknown>): Promise<void> {
  const ending = keepTrying(kill)
  ending.catch(() => {}) // May come long after we stopped listening.
  const enough = new AbortController()
  const tooLong = delay(PATIENCE_MS, undefined, { signal: enough.signal }).then(() => {
    throw new Error(`E2B did not end the sandbox within ${PATIENCE_MS} ms`)
  })
  await Promise.race([ending, tooLong]).finally(() => enough.abort())
}

async function keepTrying(kill: (requestTimeoutMs: number) => Promise<unknown>): Promise<void> {
  for (const pause of RETRY_PAUSES_MS) {
    try {
      await kill(REQUEST_TIMEOUT_MS)
      return
    } catch {
      await delay(pause, undefined, { ref: false })
    }
  }
  await kill(REQUEST_TIMEOUT_MS)
}
