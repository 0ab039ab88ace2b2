import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until there is an answer. */
export async function until<T>(look: () => Promise<T | undefined>, patienceMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`it did not happen within ${patienceMs / 1000} s`)
    await delay(100)
  }
}
