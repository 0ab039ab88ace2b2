import type { ColumnType, GeneratedAlways } from 'kysely'
import type { ApiTokensTable, ShareLinksTable, WebLoginsTable } from './access-tables.ts'
import type { AuditHeadTable, AuditLogTable, AuditWaitingTable } from './audit-tables.ts'
import type { ReceiptKeysTable, ReceiptSecretsTable, ReceiptsTable } from './receipt-tables.ts'
import type { PullRequestOutcomesTable, RunFactsTable, RunRepositoriesTable } from './statistics-tables.ts'
import type { TranscriptEntriesTable, TranscriptPartsTable, TranscriptsTable } from './transcript-tables.ts'

/** The tables, as Kysely sees them. Made by `src/runs/store/migrations/`. */
export interface Schema {
  readonly runs: RunsTable
  readonly run_events: RunEventsTable
  readonly transcripts: TranscriptsTable
  readonly transcript_entries: TranscriptEntriesTable
  readonly transcript_parts: TranscriptPartsTable
  readonly deliveries: DeliveriesTable
  readonly workers: WorkersTable
  readonly run_effects: RunEffectsTable
  readonly checkpoints: CheckpointsTable
  readonly checkpoint_parts: CheckpointPartsTable
  readonly chores: ChoresTable
  readonly watched_repositories: WatchedRepositoriesTable
  readonly run_notes: RunNotesTable
  readonly audit_waiting: AuditWaitingTable
  readonly audit_log: AuditLogTable
  readonly audit_head: AuditHeadTable
  readonly api_tokens: ApiTokensTable
  readonly web_logins: WebLoginsTable
  readonly share_links: ShareLinksTable
  readonly setup_cache: SetupCacheTable
  readonly receipt_keys: ReceiptKeysTable
  readonly receipt_secrets: ReceiptSecretsTable
  readonly receipts: ReceiptsTable
  readonly operator_pause: OperatorPauseTable
  readonly schema_floor: SchemaFloorTable
  readonly run_repositories: RunRepositoriesTable
  readonly run_facts: RunFactsTable
  readonly pull_request_outcomes: PullRequestOutcomesTable
}

/** `json` keeps the text as it was written, NUL escapes and key order included; `jsonb` would not. */
type Json = ColumnType<unknown, string, string>

export interface RunsTable {
  id: string
  /** Total order of submission; never shown. */
  ordinal: GeneratedAlways<string>
  /** Where the request came from, so that a repeat finds the same run; null once it has expired. */
  key: string | null
  /** Hash of the request's body, when the caller chose the key. */
  fingerprint: string | null
  key_expires_at: Date | null
  status: string
  /** `owner/name` in lower case. */
  repository: string
  /** Runs with the same key go one after another; null for a run without a thread. */
  thread_key: string | null
  request: Json
  attempt: ColumnType<number, number | undefined, number>
  /** True from a worker's hand-over to the next claim: no attempt may write. */
  released: ColumnType<boolean, boolean | undefined, boolean>
  /** Workers that died while they held this run. */
  losses: ColumnType<number, number | undefined, number>
  last_seq: ColumnType<number, number | undefined, number>
  /** Why a running run was asked to stop; null when it was not. */
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
  /** Dollars that the run may spend; they count against the daily limits until it has ended. */
  budget_usd: ColumnType<number | null, number | null | undefined, number | null>
  /** Dollars that it spent; null while it has not ended or when a price is unknown. */
  cost_usd: ColumnType<number | null, number | null | undefined, number | null>
  /** When it got a slot, which it holds until its end; null while it waits for one. */
  admitted_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** Names the last write of events, so that a write whose answer was lost is not repeated. */
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

/** Processes that execute runs. Each renews its `seen_at` every few seconds. */
interface WorkersTable {
  id: string
  concurrency: number
  started_at: Date
  seen_at: Date
}

/** External effects allowed at most once per run: the intent is stored first, the result later. */
interface RunEffectsTable {
  run_id: string
  /** `progress_comment`, `pull_request` … */
  name: string
  attempt: number
  /** The try of a process that intends it. */
  holder: string
  intended_at: Date
  done_at: Date | null
  result: ColumnType<unknown, string | null | undefined, string | null>
}

/** The agent's latest changes, from which another sandbox can continue. */
interface CheckpointsTable {
  run_id: string
  attempt: number
  base_sha: string
  /** The sandbox that holds all of it. */
  sandbox_id: string
  /** Git's id, in the sandbox, of the base commit's tree with `patch` applied. */
  tree: string
  /** `git diff --binary` against the base commit: the start of it, or all. */
  patch: Uint8Array
  /** Git's exclude file: files that setup and checks left behind, which are not part of the change. */
  excludes: Uint8Array
  /** True when the agent has changed more than `patch` holds. */
  behind: boolean
  /** The agent's final report; null while it works. */
  work: ColumnType<unknown, string | null, string | null>
  at: Date
}

/** The rest of a patch. */
interface CheckpointPartsTable {
  run_id: string
  /** 1 for the part that follows the start. */
  position: number
  bytes: Uint8Array
}

/** Periodic work that one process does for all of them. */
interface ChoresTable {
  name: string
  ran_at: Date
  /** Where the next time continues, if it does not start over. */
  note: ColumnType<unknown, string | null | undefined, string | null>
}

/** Repositories that the App is installed on, for finding comments that GitHub never delivered. */
interface WatchedRepositoriesTable {
  id: string
  installation_id: string
  owner: string
  name: string
  /** GitHub's time when we first saw it: earlier comments are ignored. */
  watched_since: Date
  /** GitHub's time up to which no comment is missing. */
  checked_at: Date
  /** Our time of the last check, successful or not; null before the first. */
  looked_at: Date | null
}

/** Follow-ups: what people added to a run while it worked. */
interface RunNotesTable {
  /** Where it came from, like a run's `key`: a repeat finds the same row. The row goes when it becomes a run. */
  key: string
  /** The order in which the agent gets them. */
  ordinal: GeneratedAlways<string>
  run_id: string
  author: string
  text: string
  /** Its request as a run of its own, in case this run ends before the agent takes it. */
  request: Json
  created_at: Date
  /** When it entered the run's transcript; null while it waits. */
  taken_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}

/** Snapshots of sandboxes after setup; not in backups, since they do not hold the snapshots themselves. */
interface SetupCacheTable {
  /** Hash of everything that decides what setup makes. */
  key: string
  /** GitHub's id. */
  repository_id: string
  snapshot_id: string
  /** A list of commands. */
  commands: Json
  /** Hash of the variables that they had. */
  variables: string
  /** Git's id of the tree that it was made from. */
  tree: string
  setup_ms: number
  /** Null if the service does not say. */
  bytes: string | null
  made_at: Date
  used_at: Date
}

/** The operator's order that no run may be claimed; one row while it holds, none otherwise. */
interface OperatorPauseTable {
  single: ColumnType<boolean, boolean | undefined, never>
  reason: string
  /** Runs that work are stopped as well. */
  stop_running: boolean
  at: Date
}

/** One row. */
interface SchemaFloorTable {
  single: ColumnType<boolean, boolean | undefined, never>
  /** A version of Backspace that does not know this migration may not work on these tables. */
  migration: string
}
