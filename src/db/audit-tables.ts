import type { ColumnType, GeneratedAlways } from 'kysely'

/** Entries that are stored but not chained yet. They are seconds old, unless no process is running. */
export interface AuditWaitingTable {
  id: GeneratedAlways<string>
  at: Date
  run_id: string | null
  actor: string
  kind: string
  /** `jsonb`, since the facts have known kinds and contain no NUL. */
  facts: ColumnType<unknown, string, never>
}

/** The audit log. Triggers refuse to change or delete rows. */
export interface AuditLogTable {
  /** From 1, without gaps. */
  sequence: string
  at: Date
  run_id: string | null
  actor: string
  kind: string
  facts: ColumnType<unknown, string, never>
  previous_hash: string
  hash: string
}

/** The last entry of the audit log. There is one row, whose sequence only grows. */
export interface AuditHeadTable {
  single: ColumnType<boolean, boolean | undefined, never>
  sequence: string
  hash: string
}
