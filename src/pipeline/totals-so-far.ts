import { readEvents } from '../runs/log/read-events.ts'
import type { RunTotals } from '../runs/run-event.ts'
import { runTotals } from '../runs/run-totals.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { RunContext } from './run-context.ts'

/** What the run has used up to now, in all of its attempts. */
export async function totalsSoFar(
  { log, langsmithEnabled, now = () => new Date() }: ExecuteRunDeps,
  { run, flush }: RunContext,
): Promise<RunTotals> {
  await flush()
  return runTotals(await readEvents(log, run.id), { endedAt: now(), langsmithEnabled })
}
