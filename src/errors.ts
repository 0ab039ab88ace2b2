/**
 * Every known reason for which a run or a request can fail.
 * The code is public (it appears on the wire as `error.code`); never rename one.
 */
export type ErrorCode =
  | 'bad_request'
  | 'bad_repository_url'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'unavailable'
  | 'config_invalid'
  | 'database_locked'
  | 'repository_not_found'
  | 'repository_empty'
  | 'repository_archived'
  | 'repository_disabled'
  | 'not_installed'
  | 'not_permitted'
  | 'permission_missing'
  | 'scope_missing'
  | 'fork_pull_request'
  | 'fork_failed'
  | 'base_not_found'
  | 'head_moved'
  | 'push_forbidden'
  | 'branch_protected'
  | 'publish_blocked'
  | 'secret_found'
  | 'change_too_large'
  | 'github_unavailable'
  | 'github_rate_limited'
  | 'sandbox_unavailable'
  | 'sandbox_lost'
  | 'clone_failed'
  | 'tree_mismatch'
  | 'model_unavailable'
  | 'model_refused'
  | 'budget_exhausted'
  | 'step_limit'
  | 'time_limit'
  | 'token_limit'
  | 'agent_stuck'
  | 'worker_lost'
  | 'cancelled'
  | 'internal'

/**
 * A failure with a known reason. `userMessage` is shown to people unchanged: it says what happened and what to do next,
 * and holds no secret, host path or stack. For any other error people see only "failed" and the run's id.
 */
export class BackspaceError extends Error {
  readonly code: ErrorCode
  readonly userMessage: string
  /** Facts for logs and tests; clients never get them. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    userMessage: string,
    options: { cause?: unknown; facts?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(`${code}: ${userMessage}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BackspaceError'
    this.code = code
    this.userMessage = userMessage
    this.facts = options.facts ?? {}
  }
}

/** The first BackspaceError in the `cause` chain of a thrown value; undefined when there is none. */
export function knownError(error: unknown): BackspaceError | undefined {
  for (let current = error, depth = 0; depth < 8; depth++) {
    if (current instanceof BackspaceError) return current
    if (!(current instanceof Error)) return undefined
    current = current.cause
  }
  return undefined
}
