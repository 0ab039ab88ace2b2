import type { Context } from 'hono'
import { BackspaceError, knownError } from '../errors.ts'
import { prefersHtml } from './accepts.ts'
import { errorStatus } from './error-status.ts'
import { loginPage } from './pages/login-page.ts'
import { problemPage } from './pages/problem-page.ts'
import { printable } from './stream/printable.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/**
 * Answers with what went wrong, as a page or as `{"error":{"code","message"}}`. A failure that we do not understand
 * is reported in full to the operator, and to the client only as an id.
 */
export function answerError(
  c: Context<WebEnv>,
  error: unknown,
  { reportError, redact }: Pick<WebDeps, 'reportError' | 'redact'>,
): Response | Promise<Response> {
  const requestId = c.get('requestId')
  const known = knownError(error)
  const { code, userMessage, facts } = known ?? unknownFailure(requestId)
  const status = errorStatus(code)
  if (status >= 500) reportError(error, { requestId, method: c.req.method, path: c.req.path })

  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="backspace"')
  if (status === 429 || status === 503) c.header('Retry-After', String(retryAfterSeconds(facts)))
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
  const message = printable(redact(userMessage))
  if (!prefersHtml(c.req.header('accept'))) return c.json({ error: { code, message } }, status)
  if (code === 'unauthorized') return c.html(loginPage({ next: c.req.path, problem: undefined }), status)
  return c.html(problemPage({ status, message }), status)
}

function unknownFailure(requestId: string): BackspaceError {
  return new BackspaceError(
    'internal',
    `Something went wrong here, and was recorded. If it stays, tell the operator this id: ${requestId}.`,
  )
}

function retryAfterSeconds(facts: Readonly<Record<string, unknown>>): number {
  const { retryAfterSeconds: seconds } = facts
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds) : 30
}
