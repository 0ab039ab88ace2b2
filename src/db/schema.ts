import type { ColumnType, GeneratedAlways } from 'kysely'

/** The tables, as Kysely sees them. Made by `src/runs/store/migrations/`. */
export interface Schema {
  readonly runs: RunsTable
  readonly run_events: RunEventsTable
  readonly transcripts: TranscriptsTable
  readonly transcript_entries: TranscriptEntriesTable
  readonly deliveries: DeliveriesTable
  readonly workers: WorkersTable
  readonly run_effects: RunEffectsTable
  readonly checkpoints: CheckpointsTable
  readonly chores: ChoresTable
  readonly watched_repositories: WatchedRepositoriesTable
  readonly run_notes: RunNotesTable
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
  /** Set when somebody asked a running run to stop. */
  cancel_reason: string | null
  /** The body of its terminal event; null while the run has not ended. */
  result: ColumnType<unknown, string | null, string | null>
  progress: ColumnType<unknown, string | undefined, string>
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  /** Owner of the repository in lower case: an App is installed once per account, so this is the installation. */
  account: ColumnType<string, string | undefined, string>
  /** Who asked, in lower case: a GitHub login, or `token:` and the name of an API token. */
  requester: ColumnType<string, string | undefined, string>
  /** Dollars that the run may spend at most; they count against the day until it has ended. */
  budget_usd: ColumnType<number | null, number | null | undefined, number | null>
  /** Dollars that it has spent, known at its end; null while it has not ended or when no price is known. */
  cost_usd: ColumnType<number | null, number | null | undefined, number | null>
  /** When it got one of the places; null while it waits for one. A run that is admitted holds it until its end. */
  admitted_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** Marks the last write of events, so that one whose answer was lost is not done twice. */
  last_batch: ColumnType<string | null, string | null | undefined, string | null>
  /** True once its events and transcript were deleted for their age. */
  events_pruned: ColumnType<boolean, boolean | undefined, boolean>
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

/** Processes that carry runs, by their own word: `seen_at` is renewed every few seconds. */
interface WorkersTable {
  id: string
  concurrency: number
  started_at: Date
  seen_at: Date
}

/** Effects on the outside of which there may be one per run: intended, then done. */
interface RunEffectsTable {
  run_id: string
  /** `progress_comment`, `pull_request` … */
  name: string
  attempt: number
  /** Which try of which process intends it. */
  holder: string
  intended_at: Date
  done_at: Date | null
  result: ColumnType<unknown, string | null | undefined, string | null>
}

/** What the agent had changed when it last changed something, to go on from in another sandbox. */
interface CheckpointsTable {
  run_id: string
  attempt: number
  base_sha: string
  /** The sandbox that holds all of it. */
  sandbox_id: string
  /** What git in the sandbox called the tree that `patch` makes of the base commit. */
  tree: string
  /** `git diff --binary` against the base commit. */
  patch: Uint8Array
  /** Git's exclude file: what setup and checks left behind, and is no change. */
  excludes: Uint8Array
  /** True when the agent has changed more than `patch` holds. */
  behind: boolean
  /** What the agent said at its end; null while it has not ended. */
  work: ColumnType<unknown, string | null, string | null>
  at: Date
}

/** Things that one process does for all, now and then. */
interface ChoresTable {
  name: string
  ran_at: Date
  /** Where it stopped, if it goes on from there. */
  note: ColumnType<unknown, string | null | undefined, string | null>
}

/** Repositories that the App is installed on, for finding comments that GitHub never delivered. */
interface WatchedRepositoriesTable {
  id: string
  installation_id: string
  owner: string
  name: string
  /** GitHub's time when we first saw it: comments from before are none of ours. */
  watched_since: Date
  /** GitHub's time until which no comment is missing. */
  checked_at: Date
  /** Our time of the last look, successful or not; null before the first. */
  looked_at: Date | null
}

/** What people added to a run under way. */
interface RunNotesTable {
  /** Where it came from, as a run's `key`: a repeat finds the same note, and a note that became a run is none any more. */
  key: string
  /** In which the agent is told. */
  ordinal: GeneratedAlways<string>
  run_id: string
  author: string
  text: string
  /** What it is as a run of its own, should this one end before it is taken. */
  request: Json
  created_at: Date
  /** When it got into the run's transcript; null while it waits. */
  taken_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}
