import type { Context } from 'hono'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { Waiting } from '../runs/admission/waiting.ts'
import type { Run } from '../runs/run.ts'
import { isTerminalEvent } from '../runs/run-event.ts'
import type { ListRuns } from '../runs/store/run-rows.ts'
import { summarizeRun } from '../runs/summary/run-state.ts'
import { runsPage } from './pages/runs-page.ts'
import { prefersHtml } from './read-request.ts'
import { type RunView, runView } from './run-view.ts'
import { readEvents } from './stream/show-event.ts'
import { streamRun } from './stream/stream-run.ts'
import type { StreamDeps, WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** What is known of runs, and stopping one. */
export function createRunHandlers(deps: StreamDeps) {
  return {
    list: (c: Context<WebEnv>) => listRuns(c, deps),
    show: (c: Context<WebEnv>) => showRun(c, deps),
    live: (c: Context<WebEnv>) => showProgress(c, deps),
    events: (c: Context<WebEnv>) => followRun(c, deps),
    diff: (c: Context<WebEnv>) => showDiff(c, deps),
    cancel: (c: Context<WebEnv>) => cancelRun(c, deps),
  }
}

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']).optional(),
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .optional(),
})

async function listRuns(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const query = querySchema.safeParse(c.req.query())
  if (!query.success) {
    const names = query.error.issues.map(({ path }) => path.join('.')).join(', ')
    throw new BackspaceError(
      'bad_request',
      `Wrong in the query: ${names}. Known are limit (1 to 100), before (a run id), status and repository (owner/name).`,
    )
  }
  const { limit, before, status, repository } = query.data
  const [owner = '', name = ''] = repository?.split('/') ?? []
  const search: ListRuns = {
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
    ...(before !== undefined && { before }),
    ...(status !== undefined && { status }),
    ...(repository !== undefined && { repository: { owner, name } }),
  }
  const found = await deps.runs.list(search)
  const runs = found.slice(0, limit).map((run) => view(run, deps))
  const next = found.length > limit ? (runs.at(-1)?.id ?? null) : null
  noStore(c)
  if (!prefersHtml(c.req.header('accept'))) return c.json({ runs, next })
  return c.html(runsPage({ runs, next, filter: { status, repository }, publicUrl: deps.publicUrl() }))
}

async function showRun(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const run = view(await findRun(c, deps), deps)
  const waiting = await waitingOf(run, deps)
  noStore(c)
  if (!prefersHtml(c.req.header('accept'))) return c.json({ ...run, waiting })
  // Here and below: what draws a run, Markdown and diffs among it, is loaded when somebody looks at one.
  const { runPage } = await import('./pages/run-page.ts')
  return c.html(runPage({ run, waiting, summary: await summary(run, deps) }))
}

/** The parts of the run page that changed after an event; the page's script puts them in place. */
async function showProgress(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const run = view(await findRun(c, deps), deps)
  const after = readSeq(c.req.query('after'))
  const waiting = await waitingOf(run, deps)
  noStore(c)
  const { runFragment } = await import('./pages/run-page.ts')
  return c.html(runFragment({ run, waiting, summary: await summary(run, deps, after), after }))
}

async function followRun(c: Context<WebEnv>, deps: StreamDeps): Promise<Response> {
  const run = await findRun(c, deps)
  const after = readSeq(c.req.header('last-event-id') ?? c.req.query('after'))
  if (after === 0) return streamRun(c, deps, { runId: run.id, after })
  const [last] = await deps.log.read(run.id, after - 1, 1)
  // 204 is how an EventSource is told to stop coming back.
  if (last ? last.seq === after && isTerminalEvent(last) : run.finishedAt !== null) return c.body(null, 204)
  // Nobody was ever sent a frame that is not there: whoever names one is told everything, the end above all.
  return streamRun(c, deps, { runId: run.id, after: last ? after : 0 })
}

async function showDiff(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const run = view(await findRun(c, deps), deps)
  const { changes, pruned } = await summary(run, deps)
  if (pruned) {
    throw new BackspaceError(
      'not_found',
      'What this run changed was deleted for its age. Its pull request, if it made one, still shows it.',
    )
  }
  if (!changes) throw new BackspaceError('not_found', 'This run has not changed anything so far.')
  noStore(c)
  return c.text(changes.diff)
}

async function cancelRun(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const run = await findRun(c, deps)
  const result = await deps.cancel(run.id, `Stopped by ${c.var.caller.name}.`)
  if (result === 'not_found') throw unknownRun()
  const html = prefersHtml(c.req.header('accept'))
  if (html) return c.redirect(`/runs/${run.id}`, 303)
  if (result === 'already_finished') throw new BackspaceError('conflict', 'This run has already ended.')
  return c.json({ runId: run.id, status: 'cancelling' }, 202)
}

async function waitingOf({ id, status }: RunView, deps: WebDeps): Promise<Waiting | null> {
  return (status === 'queued' ? await deps.waiting(id) : undefined) ?? null
}

/** A number of an event; nothing means from the start. */
function readSeq(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BackspaceError('bad_request', 'Last-Event-ID must be the id of a frame: a whole number.')
}

function view(run: Run, deps: WebDeps): RunView {
  return runView(run, { publicUrl: deps.publicUrl(), redact: deps.redact })
}

async function summary(run: RunView, { log, redact }: WebDeps, detailsAfter = 0) {
  return summarizeRun(await readEvents(log, { runId: run.id, redact, detailsAfter }))
}

function noStore(c: Context<WebEnv>): void {
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
}

/** @throws {BackspaceError} `not_found` when the path names no run. */
export async function findRun(c: Context<WebEnv>, deps: Pick<WebDeps, 'runs'>): Promise<Run> {
  const id = c.req.param('id') ?? ''
  const run = /^[\w-]{1,64}$/.test(id) ? await deps.runs.get(id) : undefined
  if (!run) throw unknownRun()
  return run
}

function unknownRun(): BackspaceError {
  return new BackspaceError('not_found', 'There is no run with this id.')
}
