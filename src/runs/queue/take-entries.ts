import { setTimeout as delay } from 'node:timers/promises'
import type { Job, JobResult, PgBoss } from 'pg-boss'

/** An entry of a queue while this process holds it. */
type Entry<Data> = Pick<Job<Data>, 'id' | 'data' | 'signal'>

export interface TakeEntriesOptions<Data> {
  readonly queue: string
  /** How many batches may be in progress at once in this process. */
  readonly most: number
  /** Entries per batch; default 1. Each entry succeeds or fails on its own, once the whole batch is done. */
  readonly batch?: number | undefined
  /** Milliseconds from the start of a batch until the next one is fetched; default 0. */
  readonly nextAfterMs?: number | undefined
  /** Milliseconds to wait after a batch, so that more entries gather for the next; default 0. */
  readonly pauseMs?: number | undefined
  /** Works on one entry. If it throws, the entry is retried by the rules of its queue. */
  readonly work: (entry: Entry<Data>) => Promise<void>
}

const POLLING = {
  pollingIntervalSeconds: 1,
  notifyPollingIntervalSeconds: 2,
  heartbeatRefreshSeconds: 2,
} as const

/**
 * Takes entries off a queue and works on them. However many batches are in progress, only one worker at a time polls
 * for the next: a notification wakes every polling worker, so a hundred of them would send a hundred queries.
 *
 * @returns a function that stops taking batches.
 */
export async function takeEntries<Data extends object>(
  boss: PgBoss,
  options: TakeEntriesOptions<Data>,
): Promise<() => Promise<void>> {
  const { queue, most, batch = 1, nextAfterMs = 0, pauseMs = 0, work } = options
  let looking = 0
  let working = 0
  let stopped = false

  async function look(): Promise<void> {
    looking++
    const worker = Promise.withResolvers<string>()
    const workOptions = {
      ...POLLING,
      batchSize: batch,
      perJobResults: true,
      burstWhenBatchFull: true,
    } as const
    worker.resolve(
      await boss.work(queue, workOptions, async (entries: Job<Data>[]) => {
        const next = begin()
        const results = await Promise.all(entries.map(workOn))
        if (pauseMs > 0) await delay(pauseMs)
        clearTimeout(next)
        await end(await worker.promise)
        return results
      }),
    )
  }

  function begin(): NodeJS.Timeout {
    looking--
    working++
    return setTimeout(() => {
      if (looking === 0 && working < most && !stopped) void look().catch(() => {})
    }, nextAfterMs)
  }

  /** A worker that is done polls again at once, unless another one is polling. */
  async function end(worker: string): Promise<void> {
    working--
    if (looking > 0) return await boss.offWork(queue, { id: worker, wait: false })
    looking++
    boss.notifyWorker(worker)
  }

  async function workOn(entry: Entry<Data>): Promise<JobResult> {
    try {
      await work(entry)
      return { id: entry.id, status: 'completed' }
    } catch (error) {
      return { id: entry.id, status: 'failed', output: error }
    }
  }

  await look()
  return async () => {
    stopped = true
    await boss.offWork(queue, { wait: false })
  }
}
