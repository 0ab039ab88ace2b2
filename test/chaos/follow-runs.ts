import { setTimeout as delay } from 'node:timers/promises'
import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../src/commands/terminal/run/run-frames.ts'
import type { ShownRun } from './service-client.ts'
import type { Tally } from './tally.ts'

/** Follows the event streams of runs to their ends, however often they are cut. */
export interface RunFollower {
  /** Begins to follow those that it does not follow yet. */
  follow(runs: readonly ShownRun[]): void
  stop(): Promise<void>
}

/**
 * A client that has read the last frame must find that the run has ended.
 *
 * @param onFrame called with each frame of a run once.
 */
export function createRunFollower(tally: Tally, onFrame: (frame: ReceivedFrame) => void): RunFollower {
  const stopping = new AbortController()
  const followed = new Map<string, Promise<void>>()

  async function toTheEnd({ id, runUrl, eventsUrl }: ShownRun): Promise<void> {
    let told = 0
    while (!stopping.signal.aborted) {
      let last = 0
      try {
        for await (const frame of runFrames(eventsUrl, { signal: stopping.signal })) {
          if (frame.seq !== last + 1) {
            const message = `its stream went from frame ${last} to ${frame.seq}`
            tally.violate({ kind: 'stream', runId: id, message })
          }
          last = frame.seq
          if (last > told) onFrame(frame)
          told = Math.max(told, last)
          if (frame.type !== 'success' && frame.type !== 'error') continue
          if ((await finishedAt(runUrl)) === null) {
            tally.violate({ kind: 'ending', runId: id, message: 'has not ended, and its stream has' })
          }
          return
        }
      } catch {
        // The service was away for longer than a client waits: start again.
        await delay(1000)
      }
    }
  }

  return {
    follow(runs) {
      for (const run of runs) {
        if (!followed.has(run.id)) followed.set(run.id, toTheEnd(run))
      }
    },
    async stop() {
      stopping.abort()
      await Promise.all(followed.values())
    },
  }
}

/** Undefined when no process answers now. */
async function finishedAt(runUrl: string): Promise<string | null | undefined> {
  const init = { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(10_000) }
  try {
    const run = (await (await fetch(runUrl, init)).json()) as Partial<ShownRun>
    return run.finishedAt
  } catch {
    return undefined
  }
}
