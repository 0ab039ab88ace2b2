import { type RawBuilder, sql } from 'kysely'
import type { AuditFact } from '../../audit/audit-entry.ts'
import { endingOf } from '../ending.ts'
import { isTerminalEvent, type RunEventBody } from '../run-event.ts'

/**
 * The part of the statement that stores events which stores what the audit log says about them: neither is ever there
 * without the other. Empty for most events.
 */
export function auditedWith(
  runId: string,
  events: readonly { readonly at: Date; readonly body: RunEventBody }[],
): RawBuilder<unknown> {
  const entries = events.flatMap(({ at, body }) => {
    const entry = auditEntryOf(body)
    return entry === undefined ? [] : [{ ...entry, at: at.toISOString() }]
  })
  if (entries.length === 0) return sql``
  return sql`, audited as (
      insert into audit_waiting (at, run_id, actor, kind, facts)
      select entry.at::timestamptz, ${runId}, 'backspace', entry.kind, entry.facts::jsonb
      from run, unnest(
        ${entries.map(({ at }) => at)}::text[],
        ${entries.map(({ kind }) => kind)}::text[],
        ${entries.map(({ facts }) => JSON.stringify(facts))}::text[]
      ) with ordinality as entry (at, kind, facts, position)
      order by entry.position
    )`
}

/** What the audit log says about an event of a run. */
function auditEntryOf(body: RunEventBody): AuditFact | undefined {
  if (body.type === 'run.started') return { kind: 'run.started', facts: { attempt: body.attempt } }
  if (!isTerminalEvent(body)) return undefined
  const { status, outcome, code } = endingOf(body)
  return { kind: 'run.ended', facts: { status, reason: code ?? outcome ?? status } }
}
