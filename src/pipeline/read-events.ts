import type { RunLog } from '../runs/log/run-log.ts'
import type { RunEvent } from '../runs/run-event.ts'

/** Everything that has happened in a run so far. */
export async function readEvents(log: Pick<RunLog, 'read'>, runId: string): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    const page = await log.read(runId, events.length)
    if (page.length === 0) return events
    events.push(...page)
  }
}
