import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { isTerminalEvent } from '../runs/run-event.ts'
import type { CancellingBody } from './bodies.ts'
import { prefersHtml } from './read-request.ts'
import { type RunReader, unknownRun } from './run-view.ts'
import type { StreamRun } from './stream/stream-run.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** `GET /runs/:id/events`. */
export async function answerEvents(
  c: Context<WebEnv>,
  {
    reader,
    log,
    stream,
  }: { readonly reader: RunReader; readonly log: WebDeps['log']; readonly stream: StreamRun },
): Promise<Response> {
  const run = await reader.find(c)
  const after = readSeq(c.req.header('last-event-id') ?? c.req.query('after'))
  const answer = (from: number) => {
    const reader = stream.open(c, run.request.repository)
    const withOutput = c.req.query('output') === 'true'
    return stream.answer(c, { runId: run.id, after: from, reader, withOutput })
  }
  if (after === 0) return answer(after)
  const [last] = await log.read(run.id, after - 1, 1)
  // An EventSource stops reconnecting when it gets 204.
  if (last ? last.seq === after && isTerminalEvent(last) : run.finishedAt !== null) return c.body(null, 204)
  // No client can have received a frame that does not exist, so the stream starts from the beginning.
  return answer(last ? after : 0)
}

/** `POST /runs/:id/cancel`. */
export async function answerCancel(
  c: Context<WebEnv>,
  { reader, cancel }: { readonly reader: RunReader; readonly cancel: WebDeps['cancel'] },
): Promise<Response> {
  const run = await reader.find(c, 'start')
  const result = await cancel(run.id, `Stopped by ${c.var.caller.name}.`)
  if (result === 'not_found') throw unknownRun()
  if (prefersHtml(c)) return c.redirect(`/runs/${run.id}`, 303)
  if (result === 'already_finished') throw new BackspaceError('conflict', 'This run has already ended.')
  return c.json({ runId: run.id, status: 'cancelling' } satisfies CancellingBody, 202)
}

/** Reads the number of an event; 0, the start, if the request names none. */
export function readSeq(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BackspaceError('bad_request', 'Last-Event-ID must be the id of a frame: a whole number.')
}
