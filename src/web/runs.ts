import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { isTerminalEvent } from '../runs/run-event.ts'
import { foldEvents, isPruned } from '../runs/summary/run-state.ts'
import { accountOf, noStore } from './answer-headers.ts'
import type { CancellingBody } from './bodies.ts'
import type { RunPageData } from './pages/run-page.ts'
import { prefersHtml } from './read-request.ts'
import { type RunReader, unknownRun } from './run-view.ts'
import type { StreamRun } from './stream/stream-run.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** Draws a page where that stops nothing else; undefined when it takes too long. */
export type DrawRun = (data: RunPageData) => Promise<string | undefined>

interface RunDrawing {
  readonly reader: RunReader
  readonly drawRun: DrawRun
}

/** `GET /runs/:id`. */
export async function answerRun(c: Context<WebEnv>, { reader, drawRun }: RunDrawing): Promise<Response> {
  const found = await reader.find(c)
  const run = await reader.viewInFull(found)
  noStore(c)
  if (!prefersHtml(c)) return c.json(run)
  const { waiting } = run
  const readOnly = await reader.isReadOnly(c, found)
  const data = { run, waiting, events: await reader.events(run.id), readOnly }
  return c.html(await draw({ ...data, account: accountOf(c.var.caller) }, drawRun))
}

/** `GET /runs/:id/live`: the parts of the run page that changed after an event; the page's script inserts them. */
export async function answerProgress(c: Context<WebEnv>, { reader, drawRun }: RunDrawing): Promise<Response> {
  const found = await reader.find(c)
  const run = await reader.viewInFull(found)
  const after = readSeq(c.req.query('after'))
  const { waiting } = run
  noStore(c)
  const data = {
    run,
    waiting,
    events: await reader.events(run.id, after),
    readOnly: await reader.isReadOnly(c, found),
  }
  return c.html(await draw({ ...data, after }, drawRun))
}

/** @throws {BackspaceError} `unavailable` if the page takes too long even without formatting. */
async function draw(data: RunPageData, drawRun: DrawRun): Promise<string> {
  const page = (await drawRun(data)) ?? (await drawRun({ ...data, plain: true }))
  if (page !== undefined) return page
  throw new BackspaceError(
    'unavailable',
    `Drawing this page takes too long. Try again, or read the events of the run as JSON: /runs/${data.run.id}/events`,
  )
}

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
    return stream.answer(c, { runId: run.id, after: from, reader })
  }
  if (after === 0) return answer(after)
  const [last] = await log.read(run.id, after - 1, 1)
  // An EventSource stops reconnecting when it gets 204.
  if (last ? last.seq === after && isTerminalEvent(last) : run.finishedAt !== null) return c.body(null, 204)
  // No client can have received a frame that does not exist, so replay from the start.
  return answer(last ? after : 0)
}

/** `GET /runs/:id/diff`. */
export async function answerDiff(c: Context<WebEnv>, reader: RunReader): Promise<Response> {
  const { id } = await reader.find(c)
  const state = foldEvents(await reader.events(id))
  const { changes } = state
  if (isPruned(state)) {
    throw new BackspaceError(
      'not_found',
      'The diff of this run was deleted for its age. If the run opened a pull request, the change is still there.',
    )
  }
  if (!changes) throw new BackspaceError('not_found', 'This run has not changed anything yet.')
  noStore(c)
  return c.text(changes.diff)
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

/** The number of an event; 0, the start, when there is none. */
function readSeq(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BackspaceError('bad_request', 'Last-Event-ID must be the id of a frame: a whole number.')
}
