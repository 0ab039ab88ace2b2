import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import { RUN_ACTIONS } from '../runs/run-actions.ts'
import { isPruned } from '../runs/summary/run-state.ts'
import { NO_CURVE, type UsageCurve } from '../runs/summary/usage-curve.ts'
import { accountOf, noStore } from './answer-headers.ts'
import type { RunFold } from './live/run-fold.ts'
import type { RunFolds } from './live/run-folds.ts'
import { changedWindow, storyWindow } from './live/story-windows.ts'
import type { WatchRuns } from './live/watch-runs.ts'
import { actPart } from './pages/act-part.ts'
import type { Drawing } from './pages/draw-run.ts'
import type { RunPageData } from './pages/run-page.ts'
import { storyHits } from './pages/story-part.ts'
import { prefersHtml } from './read-request.ts'
import type { RunReader } from './run-view.ts'
import { readSeq } from './runs.ts'
import { searchStory } from './search-story.ts'
import type { StreamRun } from './stream/stream-run.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** Draws in a thread, so that nothing else has to wait; undefined if it takes too long. */
export type DrawRun = (drawing: Drawing) => Promise<string | undefined>

/** Draws without formatting what takes too long with it. @returns undefined if that takes too long as well. */
export async function drawOrPlain(drawRun: DrawRun, drawing: Drawing): Promise<string | undefined> {
  return (await drawRun(drawing)) ?? (await drawRun({ ...drawing, plain: true }))
}

export interface RunPageDeps extends Pick<WebDeps, 'log' | 'redact'> {
  readonly reader: RunReader
  readonly folds: RunFolds
  readonly drawRun: DrawRun
}

const seq = z.coerce.number().int().min(1).max(1_000_000_000).optional().catch(undefined)
const querySchema = z.object({
  at: seq,
  upto: seq,
  file: z.coerce.number().int().min(0).max(100_000).optional().catch(undefined),
  view: z.enum(['split', 'unified']).optional().catch(undefined),
  q: z.string().trim().min(1).max(200).optional().catch(undefined),
  done: z.enum(RUN_ACTIONS).optional().catch(undefined),
  still: z.literal('1').optional().catch(undefined),
})

/** `GET /runs/:id`. Ignores wrong query parameters, because people pass the address of a page around, and may truncate it. */
export async function answerRun(c: Context<WebEnv>, deps: RunPageDeps): Promise<Response> {
  const { reader, folds, log, redact } = deps
  const found = await reader.find(c)
  const run = await reader.viewInFull(found, c.var.caller)
  noStore(c)
  if (!prefersHtml(c)) return c.json(run)
  const fold = await folds.open(found)
  const { at, upto: asked, file, view, q, done, still } = querySchema.parse(c.req.query())
  const upto = asked !== undefined && asked < fold.state.seq ? asked : undefined
  const page = await draw(deps.drawRun, {
    kind: 'page',
    ...(await shownAt(fold, upto)),
    run,
    waiting: run.waiting,
    story: await storyWindow(fold, { at, upto }),
    view: {
      account: accountOf(c.var.caller),
      may: await mayAct(c, reader, found),
      share: {
        until: c.var.caller.share?.expiresAt.toISOString(),
        mayShare: await reader.mayShare(c, found),
      },
      done,
      split: view === 'split',
      file,
      found: q === undefined ? undefined : await searchStory({ log, redact }, { runId: run.id, query: q }),
      upto,
      still: still !== undefined,
      events: fold.state.seq,
    },
  })
  return c.html(page)
}

/** The state after an event, with the tokens and dollars used by then. */
async function shownAt(
  fold: RunFold,
  upto: number | undefined,
): Promise<Pick<RunPageData, 'state' | 'curve' | 'changed'>> {
  const changed = fold.state.changes !== null
  if (upto === undefined) return { state: fold.state, curve: fold.curve, changed }
  return { state: await fold.stateAt(upto), curve: curveUpTo(fold.curve, upto), changed }
}

function curveUpTo({ points, switches }: UsageCurve, upto: number): UsageCurve {
  const before = points.filter((point) => point.seq <= upto)
  const { tokens = 0, usd = 0, turns = 0 } = before.at(-1) ?? {}
  return {
    ...NO_CURVE,
    points: before,
    switches: switches.filter((point) => point.seq <= upto),
    tokens,
    usd,
    turns,
  }
}

/** Undefined for a reader who may not act. */
async function mayAct(c: Context<WebEnv>, reader: RunReader, run: Run) {
  if (await reader.isReadOnly(c, run)) return undefined
  return { once: randomBytes(12).toString('base64url') }
}

/**
 * `GET /runs/:id/live`: the parts of the page that changed after an event, for the page's script, as server-sent events or
 * once. With `upto`, the page as it was after that event.
 */
export async function answerLive(
  c: Context<WebEnv>,
  {
    reader,
    folds,
    drawRun,
    stream,
    watch,
  }: RunPageDeps & { readonly stream: Pick<StreamRun, 'open'>; readonly watch: WatchRuns },
): Promise<Response> {
  const found = await reader.find(c)
  const after = readSeq(c.req.header('last-event-id') ?? c.req.query('after'))
  const split = c.req.query('view') === 'split'
  noStore(c)
  const fold = await folds.open(found)
  if (/\btext\/event-stream\b/.test(c.req.header('accept') ?? '')) {
    // An EventSource stops reconnecting when it gets 204.
    if (found.finishedAt !== null && after >= fold.state.seq) return c.body(null, 204)
    const signal = stream.open(c, found.request.repository)
    c.header('Content-Type', 'text/event-stream')
    c.header('Cache-Control', 'no-cache, no-transform')
    c.header('X-Accel-Buffering', 'no')
    return c.body(watch.open(found.id, { after, split, signal }))
  }
  const run = await reader.viewInFull(found)
  const { upto } = querySchema.parse(c.req.query())
  const shown = { ...(await shownAt(fold, upto)), run, waiting: run.waiting, after, split }
  const story = upto === undefined ? await changedWindow(fold, after) : await storyWindow(fold, { upto })
  return c.html(await draw(drawRun, { kind: 'parts', ...shown, story }))
}

/** `GET /runs/:id/story`: another window of the story, or the hits of a search, for the page's script. */
export async function answerStory(c: Context<WebEnv>, deps: RunPageDeps): Promise<Response> {
  const { reader, folds, drawRun } = deps
  const run = await reader.find(c)
  noStore(c)
  const page = `/runs/${run.id}`
  const { q } = querySchema.parse(c.req.query())
  if (q !== undefined) {
    const found = await searchStory(deps, { runId: run.id, query: q })
    return c.html(storyHits(found, page))
  }
  const fold = await folds.open(run)
  const wanted = z.object({ at: seq, before: seq, next: seq, entry: seq, upto: seq }).parse(c.req.query())
  return c.html(await draw(drawRun, { kind: 'story', page, story: await storyWindow(fold, wanted) }))
}

/** `GET /runs/:id/files/:index`: the lines of one file of the change, for the page's script. */
export async function answerFile(
  c: Context<WebEnv>,
  { reader, folds, drawRun }: RunPageDeps,
): Promise<Response> {
  const { changes } = (await folds.open(await reader.find(c))).state
  const index = readSeq(c.req.param('index'))
  noStore(c)
  const split = c.req.query('view') === 'split'
  const lines = changes ? await draw(drawRun, { kind: 'file', diff: changes.diff, index, split }) : ''
  if (lines === '') throw new BackspaceError('not_found', 'The change has no such file.')
  return c.html(lines)
}

/** `GET /runs/:id/actions`: the forms for this reader, for the page's script. */
export async function answerActions(
  c: Context<WebEnv>,
  { reader }: Pick<RunPageDeps, 'reader'>,
): Promise<Response> {
  const found = await reader.find(c)
  noStore(c)
  return c.html(actPart(await reader.view(found), await mayAct(c, reader, found)))
}

/** `GET /runs/:id/diff`, and the same as a file for `git apply`. */
export async function answerDiff(
  c: Context<WebEnv>,
  { reader, folds }: Pick<RunPageDeps, 'reader' | 'folds'>,
  asFile = false,
): Promise<Response> {
  const run = await reader.find(c)
  const { state } = await folds.open(run)
  const { changes } = state
  if (isPruned(state)) {
    throw new BackspaceError(
      'not_found',
      'The diff of this run was deleted because of its age. If the run opened a pull request, the change is still there.',
    )
  }
  if (!changes) throw new BackspaceError('not_found', 'This run has not changed anything yet.')
  noStore(c)
  if (!asFile) return c.text(changes.diff)
  if (isIncomplete(changes.diff)) {
    throw new BackspaceError(
      'conflict',
      `This change has binary files or is too large, so the patch would be incomplete. Take it from the branch of the pull request; /runs/${run.id}/diff shows the part that is kept.`,
    )
  }
  c.header('Content-Disposition', `attachment; filename="backspace-${run.id.slice(0, 12)}.patch"`)
  return c.text(changes.diff, 200, { 'Content-Type': 'text/x-patch; charset=utf-8' })
}

/** Lines in a diff that mark what was left out of it. */
function isIncomplete(diff: string): boolean {
  return /^(?:\(|Binary files )/m.test(diff)
}

/** @throws {BackspaceError} `unavailable` if drawing takes too long even without formatting. */
async function draw(drawRun: DrawRun, drawing: Drawing): Promise<string> {
  const drawn = await drawOrPlain(drawRun, drawing)
  if (drawn !== undefined) return drawn
  throw new BackspaceError(
    'unavailable',
    'Drawing this page takes too long. Try again, or read the events of the run as JSON: add /events to its address.',
  )
}
