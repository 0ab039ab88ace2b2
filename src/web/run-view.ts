import type { Context } from 'hono'
import type { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import { similarLine, similarMeaning } from '../runs/stats/similar-runs.ts'
import { redactInTurns } from '../secrets/redact.ts'
import { forTerminalInTurns } from '../text/terminal-text.ts'
import type { Permits } from './access/permits.ts'
import type { RunInFullBody, runBody } from './bodies.ts'
import type { DeepReadonly } from './stream/wire-schema.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller, WebEnv } from './web-env.ts'

/** A run as the API and the pages show it: without secrets and control characters. */
export type RunView = DeepReadonly<z.infer<typeof runBody>>

/** Reads runs for the API and the pages, without secrets and control characters. */
export interface RunReader {
  /**
   * Finds the run that the path of the request names.
   *
   * @param right the right that the caller needs for this request.
   * @throws {BackspaceError} `not_found`, also for a run that the caller may not see; `forbidden` or `not_permitted` if
   * the caller may see the run but not change it.
   */
  find(c: Context<WebEnv>, right?: 'read' | 'start'): Promise<Run>
  /** Whether the caller may only read the run, so that its page shows no forms. */
  isReadOnly(c: Context<WebEnv>, run: Run): Promise<boolean>
  /** Whether the caller may make links to the run, so that its page offers it. */
  mayShare(c: Context<WebEnv>, run: Run): Promise<boolean>
  view(run: Run): Promise<RunView>
  /** @param reader undefined for parts that are drawn once for all readers. */
  viewInFull(run: Run, reader?: Caller): Promise<RunInFullBody>
  /** The run as its page shows it, for readers who have already been let in. */
  viewById(runId: string): Promise<Pick<RunInFullBody, 'waiting'> & { readonly run: RunInFullBody }>
}

export function createRunReader({
  runs,
  waiting,
  receipts,
  publicUrl,
  redact,
  similar,
  permits,
  findTrace,
}: Pick<WebDeps, 'runs' | 'waiting' | 'receipts' | 'publicUrl' | 'redact' | 'similar' | 'findTrace'> & {
  readonly permits: Permits
}): RunReader {
  async function view(run: Run): Promise<RunView> {
    const shown = await forTerminalInTurns(await redactInTurns(run, redact))
    return { ...viewOf(shown), ...runUrls(publicUrl(), run.id) }
  }
  async function isVisible(caller: Caller, { id, request }: Run): Promise<boolean> {
    return caller.share ? caller.share.runId === id : permits.canSee(caller, request.repository)
  }
  /** A reader who came by a link must see nothing of other runs. */
  async function similarTo(run: Run, reader: Caller | undefined): Promise<RunInFullBody['similar']> {
    if (run.finishedAt !== null || reader === undefined || reader.share) return null
    const found = await similar(run)
    if (found === undefined) return null
    const { runs: count, ms, usd } = found
    const message = similarLine(found, run.budgetUsd)
    return { message, meaning: similarMeaning(found), runs: count, ms, usd }
  }
  async function viewInFull(run: Run, reader?: Caller): Promise<RunInFullBody> {
    const shown = await view(run)
    const isQueued = run.status === 'queued'
    const hasReceipt = !isQueued && (await receipts.has(run.id))
    return {
      ...shown,
      traceUrl: findTrace && run.ending?.totals.langsmithEnabled ? `${shown.runUrl}/trace` : null,
      receiptUrl: hasReceipt ? `${shown.runUrl}/receipt` : null,
      similar: await similarTo(run, reader),
      waiting: (isQueued ? await waiting(run.id) : undefined) ?? null,
    }
  }
  return {
    view,
    viewInFull,
    async viewById(runId) {
      const found = await runs.get(runId)
      if (!found) throw unknownRun()
      const run = await viewInFull(found)
      return { run, waiting: run.waiting }
    },
    async find(c, right = 'read') {
      const { caller } = c.var
      permits.requireRight(caller, right)
      const id = c.req.param('id') ?? ''
      const began = performance.now()
      const run = /^[\w-]{1,64}$/.test(id) ? await runs.get(id) : undefined
      if (!run || !(await isVisible(caller, run))) {
        await permits.waitToRefuse(caller, began)
        throw unknownRun()
      }
      if (right === 'start') await permits.requireWriter(caller, run.request.repository)
      return run
    },
    mayShare: async ({ var: { caller } }, { request }) =>
      permits.isOperator(caller) || (await permits.seemsWriter(caller, request.repository)),
    isReadOnly: async (c, run) => !(await permits.seemsWriter(c.var.caller, run.request.repository)),
  }
}

function viewOf({ request, ending, ...run }: Run): Omit<RunView, 'runUrl' | 'eventsUrl'> {
  const { repository, thread, requester } = request
  return {
    id: run.id,
    status: run.status,
    trigger: request.trigger,
    repository: `${repository.owner}/${repository.name}`,
    prompt: request.prompt,
    thread: thread
      ? { kind: thread.kind, number: thread.number, title: thread.title, url: thread.url }
      : null,
    requester: requester.login,
    options: request.options,
    agent: agentOf(run, ending),
    parentRunId: request.parentRunId ?? null,
    attempt: run.attempt,
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    durationMs: run.startedAt === null ? null : (ending?.totals.durationMs ?? null),
    outcome: ending?.outcome ?? null,
    draft: ending?.draft ?? false,
    message: ending?.message ?? null,
    code: ending?.code ?? null,
    verdict: ending?.totals.verdict ?? null,
    pullRequestUrl: ending?.pullRequestUrl ?? null,
    commentUrl: ending?.commentUrl ?? null,
    costUsd: ending?.totals.costUsd ?? null,
  }
}

function agentOf({ progress: { agent } }: Pick<Run, 'progress'>, ending: Run['ending']): RunView['agent'] {
  return agent ? { asked: agent.name, by: agent.by, worked: ending?.totals.agents ?? null } : null
}

/** The addresses of a run: its page and its event stream. */
export function runUrls(
  publicUrl: string,
  runId: string,
): { readonly runUrl: string; readonly eventsUrl: string } {
  const runUrl = `${publicUrl}/runs/${encodeURIComponent(runId)}`
  return { runUrl, eventsUrl: `${runUrl}/events` }
}

export function unknownRun(): BackspaceError {
  return new BackspaceError(
    'not_found',
    'There is no run with this id, or it belongs to a repository that you cannot read on GitHub.',
  )
}
