import type { Context } from 'hono'
import { printable } from './stream/printable.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** `GET /healthz`: the process answers. Says nothing of what it depends on. */
export function answerAlive(c: Context<WebEnv>): Response {
  c.header('Cache-Control', 'no-store')
  return c.json({ status: 'ok' })
}

/** `GET /readyz`: it can take work; 503 with the problems otherwise. */
export async function answerReady(
  c: Context<WebEnv>,
  deps: Pick<WebDeps, 'ready' | 'closing' | 'redact'>,
): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const problems = deps.closing?.aborted ? ['The service is stopping.'] : await deps.ready()
  if (problems.length === 0) return c.json({ status: 'ready' })
  return c.json({ status: 'not_ready', problems: problems.map((text) => printable(deps.redact(text))) }, 503)
}
