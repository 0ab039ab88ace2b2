import type { ColumnType, GeneratedAlways } from 'kysely'
import type { ApiTokensTable, ShareLinksTable, WebLoginsTable } from './access-tables.ts'
import type { AuditHeadTable, AuditLogTable, AuditWaitingTable } from './audit-tables.ts'
import type { ReceiptKeysTable, ReceiptSecretsTable, ReceiptsTable } from './receipt-tables.ts'
import type { PullRequestOutcomesTable, RunFactsTable, RunRepositoriesTable } from './statistics-tables.ts'
import type { TranscriptEntriesTable, TranscriptPartsTable, TranscriptsTable } from './transcript-tables.ts'

/** The tables as Kysely sees them. `src/runs/store/migrations/` creates them. */
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

/** `json` keeps the text as written, including NUL escapes and the order of keys; `jsonb` would not. */
type Json = ColumnType<unknown, string, string>

export interface RunsTable {
  id: string
  /** The order in which all runs were submitted; never shown. */
  ordinal: GeneratedAlways<string>
  /** The key of the request, so that a repeat finds the same run; null once it has expired. */
  key: string | null
  /** Hash of the request's body, if the caller chose the key. */
  fingerprint: string | null
  key_expires_at: Date | null
  status: string
  /** `owner/name` in lower case. */
  repository: string
  /** Runs with the same thread key work one after another; null for a run without a thread. */
  thread_key: string | null
  request: Json
  attempt: ColumnType<number, number | undefined, number>
  /** True from the release by a worker until the next claim. Meanwhile no attempt may write. */
  released: ColumnType<boolean, boolean | undefined, boolean>
  /** Number of workers that died while they held this run. */
  losses: ColumnType<number, number | undefined, number>
  last_seq: ColumnType<number, number | undefined, number>
  /** Why someone asked the running run to stop; null if no one did. */
  cancel_reason: string | null
  /** The body of the terminal event; null until the run has ended. */
  result: ColumnType<unknown, string | null, string | null>
  progress: ColumnType<unknown, string | undefined, string>
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  /** Owner of the repository in lower case. An account has at most one installation, which this identifies. */
  account: ColumnType<string, string | undefined, string>
  /** The requester in lower case: a GitHub login, or `token:` and the name of an API token. */
  requester: ColumnType<string, string | undefined, string>
  /** Dollars that the run may spend; they count against the daily limits until it has ended. */
  budget_usd: ColumnType<number | null, number | null | undefined, number | null>
  /** Dollars that the run spent; null until it has ended, and when a price is unknown. */
  cost_usd: ColumnType<number | null, number | null | undefined, number | null>
  /** When the run got its slot, which it keeps until its end; null while it waits for one. */
  admitted_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** Name of the last write of events, so that a write whose answer was lost is not repeated. */
  last_batch: ColumnType<string | null, string | null | undefined, string | null>
  /** True once the run's events and transcript were deleted because of their age. */
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
  /** The raw body, to which the signature applies. */
  payload: string
  received_at: Date
  handled_at: Date | null
}

/** Processes that execute runs. Each of them renews `seen_at` every few seconds. */
interface WorkersTable {
  id: string
  concurrency: number
  started_at: Date
  seen_at: Date
}

/** Effects outside of Backspace that each run may cause at most once. The intent is stored first, the result later. */
interface RunEffectsTable {
  run_id: string
  /** `progress_comment`, `pull_request` … */
  name: string
  attempt: number
  /** Id of the try that intends the effect. */
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
  /** The sandbox that holds all of the work. */
  sandbox_id: string
  /** The id that git gives, in the sandbox, to the base commit's tree with `patch` applied. */
  tree: string
  /** The output of `git diff --binary` against the base commit, or the beginning of it. */
  patch: Uint8Array
  /** Git's exclude file. It lists files that setup and checks left behind and that are not part of the change. */
  excludes: Uint8Array
  /** True when the agent has changed more than `patch` contains. */
  behind: boolean
  /** The agent's final report; null while it works. */
  work: ColumnType<unknown, string | null, string | null>
  at: Date
}

/** The rest of a patch, in parts. */
interface CheckpointPartsTable {
  run_id: string
  /** 1 for the part that follows the beginning. */
  position: number
  bytes: Uint8Array
}

/** Periodic work that one process does on behalf of all. */
interface ChoresTable {
  name: string
  ran_at: Date
  /** What the next run of the chore needs to continue from here; null if it starts over. */
  note: ColumnType<unknown, string | null | undefined, string | null>
}

/**
 * Repositories in which the App is installed, and in which Backspace looks for comments that GitHub never delivered.
 */
interface WatchedRepositoriesTable {
  id: string
  installation_id: string
  owner: string
  name: string
  /** When Backspace first saw the repository, by GitHub's clock. Earlier comments are ignored. */
  watched_since: Date
  /** No comment from before this time is missing, by GitHub's clock. */
  checked_at: Date
  /**
   * When the repository was last checked, by Backspace's clock and successfully or not; null before the first check.
   */
  looked_at: Date | null
}

/** Follow-ups: what people added to a run while it worked. */
interface RunNotesTable {
  /**
   * Key of the follow-up, like a run's `key`, so that a repeat finds the same row. The row is deleted when the
   * follow-up becomes a run.
   */
  key: string
  /** The order in which the agent gets follow-ups. */
  ordinal: GeneratedAlways<string>
  run_id: string
  author: string
  text: string
  /** The request for a run of its own, in case this run ends before the agent reads the follow-up. */
  request: Json
  created_at: Date
  /** When the follow-up entered the run's transcript; null while it waits. */
  taken_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}

/**
 * Snapshots of sandboxes after setup. Backups leave this table out, since they do not contain the snapshots themselves.
 */
interface SetupCacheTable {
  /** Hash of everything that decides what setup produces. */
  key: string
  /** GitHub's id of the repository. */
  repository_id: string
  snapshot_id: string
  /** The setup commands. */
  commands: Json
  /** Hash of the environment variables that the commands had. */
  variables: string
  /** Git's id of the tree from which the snapshot was made. */
  tree: string
  setup_ms: number
  /** Size of the snapshot; null if the service does not say. */
  bytes: string | null
  made_at: Date
  used_at: Date
}

/** The operator's order that no run may be claimed: one row while the pause lasts, otherwise none. */
interface OperatorPauseTable {
  single: ColumnType<boolean, boolean | undefined, never>
  reason: string
  /** Whether working runs are stopped as well. */
  stop_running: boolean
  at: Date
}

/** The table has one row. */
interface SchemaFloorTable {
  single: ColumnType<boolean, boolean | undefined, never>
  /** A version of Backspace that does not know this migration may not work on these tables. */
  migration: string
}
