import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ErrorCode } from '../errors.ts'

/** The HTTP status that goes with an error code. */
export function errorStatus(code: ErrorCode): ContentfulStatusCode {
  return STATUS[code] ?? 500
}

/** Codes that are not listed end a run, not a request; if one does end a request, that is our fault: 500. */
const STATUS: Readonly<Partial<Record<ErrorCode, ContentfulStatusCode>>> = {
  bad_request: 400,
  bad_repository_url: 400,
  unauthorized: 401,
  forbidden: 403,
  not_installed: 403,
  not_permitted: 403,
  permission_missing: 403,
  scope_missing: 403,
  push_forbidden: 403,
  branch_protected: 403,
  repository_disabled: 403,
  not_found: 404,
  repository_not_found: 404,
  base_not_found: 404,
  conflict: 409,
  head_moved: 409,
  fork_pull_request: 409,
  repository_empty: 409,
  repository_archived: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  unavailable: 503,
  github_unavailable: 503,
  github_rate_limited: 503,
  sandbox_unavailable: 503,
  model_unavailable: 503,
  config_invalid: 503,
  database_locked: 503,
}
