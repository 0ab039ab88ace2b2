import type { ColumnType, GeneratedAlways } from 'kysely'

/** Repositories that runs were asked for. A repository that was renamed has a row for each name. */
export interface RunRepositoriesTable {
  ref: GeneratedAlways<number>
  /** `owner/name` in lower case, as `runs.repository`. */
  repository: string
  /** GitHub's number; 0 where the requests did not know it. */
  github_id: ColumnType<string, number, never>
  /** As it is written. */
  name: string
  /** Of the last run. */
  requested_at: Date
}

/** What lists and statistics ask about runs, one narrow row for each; derived from the run's row. */
export interface RunFactsTable {
  run_id: string
  /** Of the run. */
  ordinal: string
  /** Of its repository. */
  ref: number
  /** As `runs.requester`. */
  requester: string
  trigger: string
  /** What kind of work it is, by which runs are compared. */
  kind: string
  thread_kind: string | null
  thread_number: number | null
  /** Start of the prompt and title of the thread, in lower case. */
  words: string
  created_at: Date
  /** All below are null until the run has ended. */
  started_at: Date | null
  finished_at: Date | null
  status: string | null
  outcome: string | null
  /** Tone of its verdict. */
  verdict: string | null
  /** `provider:model`, in order of first use. */
  models: string[] | null
  /** Dollars; null as well when a price is unknown. */
  cost_usd: number | null
  /** Dollars of the turns whose price is known. */
  known_cost_usd: number | null
  /** A list of ProviderUse. */
  providers: ColumnType<unknown, string | null, string | null>
  /** What setup found of earlier runs. */
  setup_cache: string | null
}

/** What became of the pull requests that runs opened. */
export interface PullRequestOutcomesTable {
  ref: number
  number: number
  /** The run that opened it; it may be deleted for its age. */
  run_id: string
  opened_at: Date
  /** The commit that it was opened with; null if that is not known. */
  opened_sha: string | null
  /** `open`, `merged`, `closed` or `unknown`. */
  state: string
  /** The branch that it was merged into. */
  base: string | null
  /** Null until it is merged or closed. */
  ended_at: Date | null
  /** The commit that the merge made. */
  merge_sha: string | null
  /** The last commit of its branch, which a `git revert` may name. */
  head_sha: string | null
  /** Whether it was merged with other commits than the one it was opened with; null until it is merged. */
  reworked: boolean | null
  /** Null while no revert was seen. */
  reverted_at: Date | null
  /** GitHub was last asked; null before the first time. */
  looked_at: Date | null
  /** When to ask again; null when nothing can change any more. */
  look_at: Date | null
}
