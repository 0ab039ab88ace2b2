import type { ColumnType, GeneratedAlways } from 'kysely'

/** The tables, as Kysely sees them. Made by `src/runs/migrations/`. */
export interface Schema {
  readonly runs: RunsTable
  readonly run_events: RunEventsTable
  readonly transcripts: TranscriptsTable
  readonly transcript_entries: TranscriptEntriesTable
  readonly deliveries: DeliveriesTable
}

/** `json` keeps the text as it was written, NUL escapes and key order included; `jsonb` would not. */
type Json = ColumnType<unknown, string, string>

export interface RunsTable {
  id: string
  /** Total order of submission; never shown. */
  ordinal: GeneratedAlways<string>
  /** Where the request came from, so that a repeat finds the same run; null once its time is over. */
  key: string | null
  /** Hash of the request's body, when the key is one that a caller chose. */
  fingerprint: string | null
  key_expires_at: Date | null
  status: string
  /** `owner/name` in lower case. */
  repository: string
  /** What runs are put in order by; null for a run that belongs to no thread. */
  thread_key: string | null
  request: Json
  attempt: ColumnType<number, number | undefined, number>
  /** True between a worker's handing over and the next claim: nobody may write. */
  released: ColumnType<boolean, boolean | undefined, boolean>
  /** Workers that died while they held this run. */
  losses: ColumnType<number, number | undefined, number>
  last_seq: ColumnType<number, number | undefined, number>
  /** True once the terminal event is written. */
  log_closed: ColumnType<boolean, boolean | undefined, boolean>
  /** Set when somebody asked a running run to stop. */
  cancel_reason: string | null
  result: ColumnType<unknown, string | null, string | null>
  progress: ColumnType<unknown, string | undefined, string>
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
}

interface RunEventsTable {
  run_id: string
  seq: number
  attempt: number
  type: string
  at: Date
  body: Json
}

interface TranscriptsTable {
  run_id: string
  system: string
}

interface TranscriptEntriesTable {
  run_id: string
  position: number
  entry: Json
}

interface DeliveriesTable {
  /** GitHub's `X-GitHub-Delivery`. */
  id: string
  content_key: string
  event: string
  /** The raw body, as it was signed. */
  payload: string
  received_at: Date
  handled_at: Date | null
}
