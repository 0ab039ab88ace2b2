import { type Redact, redactDeep } from '../redaction.ts'
import type { RunEvent } from '../runs/run-event.ts'
import type { RunLog } from '../runs/run-log.ts'
import { printableDeep } from './printable.ts'

const PAGE = 500

/** Every event of a run so far, as it may be shown. */
export async function readEvents(
  log: Pick<RunLog, 'read'>,
  { runId, redact }: { readonly runId: string; readonly redact: Redact },
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    const page = await log.read(runId, events.at(-1)?.seq ?? 0, PAGE)
    events.push(...page)
    if (page.length < PAGE) return events.map((event) => printableDeep(redactDeep(event, redact)))
  }
}
