import type { RunEvent } from '../run-event.ts'
import type { RunLog } from './run-log.ts'

/** Everything that has happened in a run so far and is still kept. */
export async function readEvents(log: Pick<RunLog, 'read'>, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    // By number: those of an old run may have been deleted in between.
    const page = await log.read(runId, events.at(-1)?.seq ?? 0)
    if (page.length === 0) return events
    events.push(...page)
  }
}
