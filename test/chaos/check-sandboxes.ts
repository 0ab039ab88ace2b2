import type { E2bStandIn } from '../stand-ins/e2b/start-e2b.ts'
import type { ShownRun } from './service-client.ts'
import type { Violation } from './tally.ts'

/** The sweep comes every minute and leaves alone what is younger than two; the rest is for a busy machine. */
export const SWEPT_AFTER_MS = 240_000

/** A sandbox ends on its own, even if no sweep finds it. */
const LIVES_MS = 10 * 60_000

/** Sandboxes that outlived their run for longer than the sweep takes, or that would live for ever. */
export function checkSandboxes(
  e2b: E2bStandIn,
  runs: readonly ShownRun[],
  { now = Date.now(), graceMs = SWEPT_AFTER_MS } = {},
): readonly Violation[] {
  return e2b
    .sandboxes()
    .filter(({ state }) => state !== 'killed')
    .flatMap(({ id, metadata, endAt }) => {
      const run = runs.find((candidate) => candidate.id === metadata.run)
      const runId = metadata.run ?? 'none'
      if (endAt.getTime() - now > LIVES_MS) {
        return [{ kind: 'sandbox', runId, message: `sandbox ${id} would live for more than 10 minutes` }]
      }
      if (!run) return [{ kind: 'sandbox', runId, message: `sandbox ${id} is of no run` }]
      const endedMs = run.finishedAt === null ? 0 : now - Date.parse(run.finishedAt)
      if (endedMs <= graceMs) return []
      const seconds = Math.round(endedMs / 1000)
      return [{ kind: 'sandbox', runId, message: `sandbox ${id} lives ${seconds} s after its run` }]
    })
}
