import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { BackspaceError, type ErrorCode, knownError } from '../errors.ts'
import { INTERNAL_FAILURE } from '../runs/ending.ts'
import { forTerminal } from '../text/terminal-text.ts'
import { localPath } from './access/local-path.ts'
import type { ErrorBody } from './bodies.ts'
import { problemPage } from './pages/notice-pages.ts'
import { signInPage } from './pages/sign-in-page.ts'
import { prefersHtml } from './read-request.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/**
 * Answers with what went wrong, as a page or as `{"error":{"code","message"}}`. An unknown failure is reported in full
 * to the operator; the client gets only its id.
 */
export function answerError(
  c: Context<WebEnv>,
  error: unknown,
  deps: Pick<WebDeps, 'reportError' | 'redact' | 'countRefusal' | 'gitHubSignIn' | 'publicUrl' | 'webUrl'>,
): Response | Promise<Response> {
  const { reportError, redact, countRefusal } = deps
  const requestId = c.get('requestId')
  const known = knownError(error)
  const { code, userMessage, facts } = known ?? unknownFailure(requestId)
  const status = statusOf(code)
  if (typeof facts.limit === 'string') countRefusal(facts.limit)
  else if (status >= 500) {
    const { method, path } = c.req
    reportError(error, { requestId, method, path, runId: /^\/runs\/([\w-]{1,64})/.exec(path)?.[1] })
  }

  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="backspace"')
  if (status === 429 || status === 503) c.header('Retry-After', String(retryAfterSeconds(facts)))
  if (typeof facts.allow === 'string') c.header('Allow', facts.allow)
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
  const message = forTerminal(redact(userMessage))
  if (!prefersHtml(c)) return c.json({ error: { code, message } } satisfies ErrorBody, status)
  if (typeof facts.signInAgain === 'string') {
    return c.html(signInPage({ ...deps, next: facts.signInAgain, problem: message }), status)
  }
  if (code === 'unauthorized') return c.html(signInPage({ ...deps, next: askedPage(c) }), status)
  const caller = c.get('caller')
  return c.html(problemPage({ status, message, account: caller?.login && caller.name }), status)
}

/** The path to which a browser returns after signing in: the page that it asked for, or the run's page if it sent a form. */
function askedPage({ req }: Context<WebEnv>): string {
  const { pathname, search } = new URL(req.url)
  if (req.method === 'GET' || req.method === 'HEAD') return localPath(`${pathname}${search}`)
  return /^\/runs\/[\w-]+/.exec(pathname)?.[0] ?? '/'
}

function unknownFailure(requestId: string): BackspaceError {
  return new BackspaceError(
    'internal',
    `${INTERNAL_FAILURE}. Try again; if it keeps failing, give the operator this id: ${requestId}.`,
  )
}

function retryAfterSeconds(facts: Readonly<Record<string, unknown>>): number {
  const { retryAfterSeconds: seconds } = facts
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds) : 30
}

export function statusOf(code: ErrorCode): ContentfulStatusCode {
  return STATUS[code] ?? 500
}

/** Codes that are not listed end a run, not a request. If one does end a request, that is our failure: 500. */
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
  method_not_allowed: 405,
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
