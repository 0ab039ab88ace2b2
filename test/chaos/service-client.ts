import { setTimeout as delay } from 'node:timers/promises'
import type { RunView } from '../../src/web/run-view.ts'
import type { Random } from './random.ts'

/** A run as `GET /runs` shows it. */
export type ShownRun = RunView

/** A client of the service that is used to its processes going away, and asks another one, or again. */
export interface ServiceClient {
  /** Newest first; undefined while no process answers. */
  recentRuns(): Promise<readonly ShownRun[] | undefined>
  /** Every run, however many; keeps asking. */
  allRuns(): Promise<readonly ShownRun[]>
  /** Asks until it gets a 202; the key makes it one request. */
  code(body: object, idempotencyKey: string): Promise<string>
  /** @returns whether it was confirmed. */
  cancel(runId: string): Promise<boolean>
}

const PATIENCE_MS = 120_000

export function createServiceClient(options: {
  readonly random: Random
  readonly webUrls: () => readonly string[]
}): ServiceClient {
  async function ask(path: string, init: RequestInit = {}): Promise<Response | undefined> {
    const urls = options.webUrls()
    if (urls.length === 0) return undefined
    const request = { ...init, signal: AbortSignal.timeout(10_000) }
    return await fetch(`${options.random.pick(urls)}${path}`, request).catch(() => undefined)
  }

  async function page(query: string): Promise<{ runs: ShownRun[]; next: string | null } | undefined> {
    const response = await ask(`/runs?limit=100${query}`, { headers: { accept: 'application/json' } })
    if (!response?.ok) return undefined
    // The process may be killed in the middle of its answer.
    return (await response.json().catch(() => undefined)) as Awaited<ReturnType<typeof page>>
  }

  async function insist<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const result = await attempt()
      if (result !== undefined) return result
      if (Date.now() > deadline) throw new Error(`${what} was not answered within ${PATIENCE_MS / 1000} s`)
      await delay(500)
    }
  }

  return {
    recentRuns: async () => (await page(''))?.runs,
    async allRuns() {
      const runs: ShownRun[] = []
      for (let before = ''; ; ) {
        const { runs: more, next } = await insist('GET /runs', () => page(before))
        runs.push(...more)
        if (next === null) return runs
        before = `&before=${next}`
      }
    },
    code: (body, key) =>
      insist('POST /code', async () => {
        const headers = {
          'content-type': 'application/json',
          accept: 'application/json',
          'idempotency-key': key,
        }
        const response = await ask('/code', { method: 'POST', headers, body: JSON.stringify(body) })
        if (response?.status !== 202) return undefined
        const answer = (await response.json().catch(() => undefined)) as { runId: string } | undefined
        return answer?.runId
      }),
    async cancel(runId) {
      const response = await ask(`/runs/${runId}/cancel`, { method: 'POST' })
      return response?.ok === true
    },
  }
}
