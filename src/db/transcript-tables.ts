import type { ColumnType } from 'kysely'

/** What an agent, its model and its tools said. */
export interface TranscriptsTable {
  run_id: string
  system: string
}

export interface TranscriptEntriesTable {
  run_id: string
  /** 1 for the first one. */
  position: number
  /** JSON as it was written; `null` for an entry that is in `transcript_parts`. */
  entry: ColumnType<unknown, string, string>
}

/** An entry that one statement would take too long for. */
export interface TranscriptPartsTable {
  run_id: string
  position: number
  /** 0 for the first one. */
  part: number
  /** Of its JSON, in UTF-8. */
  bytes: Uint8Array
}
