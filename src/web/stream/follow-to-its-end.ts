import { setTimeout as delay } from 'node:timers/promises'
import { isTerminal } from '../../runs/run.ts'
import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import type { WebDeps } from '../web-deps.ts'

const LOOK_EVERY_MS = 25
/** A run whose process died in between says so when somebody mends it: that is not waited for. */
const MOST_LOOKS = 40

/**
 * A run's events from the first to the last. The terminal event is written a moment before the run itself says that
 * it has ended; it is held back for that moment, since whoever has read it may at once go on from the run.
 */
export async function* followToItsEnd(
  { log, runs }: Pick<WebDeps, 'log' | 'runs'>,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  for await (const event of log.follow(runId, { afterSeq: 0, signal })) {
    for (let looks = 0; isTerminalEvent(event) && looks < MOST_LOOKS && !signal.aborted; looks++) {
      const run = await runs.get(runId)
      if (run === undefined || isTerminal(run.status)) break
      await delay(LOOK_EVERY_MS)
    }
    yield event
  }
}
