import type { ColumnType } from 'kysely'

/** Transcripts: what an agent, its model and its tools said. */
export interface TranscriptsTable {
  run_id: string
  system: string
}

export interface TranscriptEntriesTable {
  run_id: string
  /** 1 for the first entry. */
  position: number
  /** The JSON as written; `null` for an entry that is stored in `transcript_parts`. */
  entry: ColumnType<unknown, string, string>
}

/** Parts of an entry that would take too long in one statement. */
export interface TranscriptPartsTable {
  run_id: string
  position: number
  /** 0 for the first part. */
  part: number
  /** A part of the entry's JSON, in UTF-8. */
  bytes: Uint8Array
}
