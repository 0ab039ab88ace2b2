import type { ColumnType, GeneratedAlways } from 'kysely'

/** Repositories that runs were requested for. A repository that was renamed has a row under each name. */
export interface RunRepositoriesTable {
  ref: GeneratedAlways<number>
  /** `owner/name` in lower case, as `runs.repository`. */
  repository: string
  /** GitHub's id; 0 if the requests did not have it. */
  github_id: ColumnType<string, number, never>
  /** `owner/name`, spelled as on GitHub. */
  name: string
  /** When a run was last requested. */
  requested_at: Date
}

/** What lists and statistics need to know about runs: one narrow row for each, derived from the run's row. */
export interface RunFactsTable {
  run_id: string
  /** The same as in `runs`. */
  ordinal: string
  /** The repository's row in `run_repositories`. */
  ref: number
  /** The same as in `runs`. */
  requester: string
  trigger: string
  /** The `RunKind`. Runs are compared with others of the same kind. */
  kind: string
  thread_kind: string | null
  thread_number: number | null
  /** Start of the prompt and title of the thread, in lower case. */
  words: string
  created_at: Date
  /** This and all columns below are null until the run has ended. */
  started_at: Date | null
  finished_at: Date | null
  status: string | null
  outcome: string | null
  /** Tone of the run's verdict. */
  verdict: string | null
  /** `provider:model` of each model, in the order of first use. */
  models: string[] | null
  /** Dollars; also null when a price is unknown. */
  cost_usd: number | null
  /** Dollars of the turns whose price is known. */
  known_cost_usd: number | null
  /** A list of `ProviderUse`. */
  providers: ColumnType<unknown, string | null, string | null>
  /** What setup found in the setup cache. */
  setup_cache: string | null
}

/** What became of the pull requests that runs opened. */
export interface PullRequestOutcomesTable {
  ref: number
  number: number
  /** The run that opened the pull request. Its row may have been deleted because of its age. */
  run_id: string
  opened_at: Date
  /** The commit that the pull request was opened with; null if that is not known. */
  opened_sha: string | null
  /** `open`, `merged`, `closed` or `unknown`. */
  state: string
  /** The branch that the pull request was merged into. */
  base: string | null
  /** Null until the pull request is merged or closed. */
  ended_at: Date | null
  /** The commit that the merge created. */
  merge_sha: string | null
  /** The last commit of the pull request's branch, which a `git revert` may name. */
  head_sha: string | null
  /** Whether it was merged with other commits than the one it was opened with; null until it is merged. */
  reworked: boolean | null
  /** Null as long as no revert was found. */
  reverted_at: Date | null
  /** When GitHub was last asked; null before the first time. */
  looked_at: Date | null
  /** When to ask again; null when nothing can change any more. */
  look_at: Date | null
}
