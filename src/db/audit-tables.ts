import type { ColumnType, GeneratedAlways } from 'kysely'

/** Entries that are stored but not in the chain yet: seconds old, unless no process runs. */
export interface AuditWaitingTable {
  id: GeneratedAlways<string>
  at: Date
  run_id: string | null
  actor: string
  kind: string
  /** Of known kinds, without NUL: `jsonb`. */
  facts: ColumnType<unknown, string, never>
}

/** The audit log. Triggers refuse to change or delete rows. */
export interface AuditLogTable {
  /** Without gaps, from 1. */
  sequence: string
  at: Date
  run_id: string | null
  actor: string
  kind: string
  facts: ColumnType<unknown, string, never>
  previous_hash: string
  hash: string
}

/** Where the audit log ends; one row, which only moves forward. */
export interface AuditHeadTable {
  single: ColumnType<boolean, boolean | undefined, never>
  sequence: string
  hash: string
}
