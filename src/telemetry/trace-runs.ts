import { Client } from 'langsmith'
import { RunTree } from 'langsmith/run_trees'
import type { RepositoryScope } from '../runs/repository-scope.ts'
import type { Run } from '../runs/run.ts'
import type { RunEvent } from '../runs/run-event.ts'
import { type ChecksState, foldChecks, judgeStep, NO_CHECKS } from '../runs/summary/run-state.ts'
import { sentenceOf } from '../runs/summary/sentences.ts'
import { type Redact, redactInTurns } from '../secrets/redact.ts'
import { within } from '../time/within.ts'
import { followAdmitted, type RunFollower } from './follow-admitted.ts'
import { type Span, spanOf } from './trace-spans.ts'

/** Writes one LangSmith trace per run: the run, its steps, and below the agent the model's turns and tools. */
export interface RunTracer extends RunFollower {
  /** Sends the traces that wait, for at most `timeoutMs` milliseconds. */
  flush(timeoutMs: number): Promise<void>
}

/**
 * Makes traces from a run's own events. Each event is masked once more as a whole, so a trace can say nothing that the
 * run's page does not. Traces are sent in the background: a LangSmith that is down, slow or refuses costs the run
 * nothing.
 */
export function createRunTracer(options: {
  readonly apiKey: string
  readonly endpoint: string
  readonly project: string
  /** Private repositories whose runs are traced. Runs of public ones always are. */
  readonly privateRepositories: RepositoryScope
  readonly redact: Redact
  readonly onProblem: (problem: string) => void
}): RunTracer {
  const client = new Client({
    apiUrl: options.endpoint,
    apiKey: options.apiKey,
    fetchImplementation: createTraceFetch({ onProblem: options.onProblem }),
    // Otherwise environment variables of this process would be copied into every trace.
    omitTracedRuntimeInfo: true,
    maxIngestMemoryBytes: 32_000_000,
    tracingMode: 'langsmith',
    disablePromptCache: true,
  })
  const { project, privateRepositories, redact, onProblem } = options
  const { settled, ...follower } = followAdmitted<Trace>({
    privateRepositories,
    redact,
    onProblem,
    open: (run) => beginTrace({ run, client, project, redact }),
    record,
  })
  return {
    ...follower,
    async flush(timeoutMs) {
      await within(
        timeoutMs,
        settled().then(() => client.awaitPendingTraceBatches()),
      )
      client.cleanup()
    },
  }
}

interface Trace {
  readonly root: RunTree
  /** What the model has written since its last turn, which is the output of the turn that follows. */
  text: string
  /** The steps that are running. */
  readonly steps: Map<string, RunTree>
  checks: ChecksState
}

async function beginTrace({
  run,
  client,
  project,
  redact,
}: {
  readonly run: Run
  readonly client: Client
  readonly project: string
  readonly redact: Redact
}): Promise<Trace> {
  const { request } = run
  const said = {
    inputs: {
      prompt: request.prompt,
      repository: `${request.repository.owner}/${request.repository.name}`,
      trigger: request.trigger,
      thread: request.thread?.url,
    },
    metadata: { run_id: run.id, requester: request.requester.login, attempt: run.attempt },
  }
  const root = new RunTree({
    name: 'backspace run',
    run_type: 'chain',
    client,
    project_name: project,
    ...(await redactInTurns(said, redact)),
  })
  // `createTraceFetch` reports a trace that cannot be sent. The run goes on either way.
  root.postRun().catch(() => undefined)
  return { root, text: '', steps: new Map(), checks: NO_CHECKS }
}

async function record(trace: Trace, event: RunEvent): Promise<void> {
  trace.checks = foldChecks(trace.checks, event)
  if (event.type === 'step.started') {
    const step = trace.root.createChild({
      name: event.step,
      run_type: 'chain',
      start_time: Date.parse(event.at),
      inputs: { message: sentenceOf(event), agent: event.agent },
    })
    trace.steps.set(event.step, step)
    return await step.postRun()
  }
  if (event.type === 'step.finished') return await endStep(trace, judgeStep(event, trace.checks))
  if (event.type === 'agent.message') trace.text += `${event.text}\n`
  if ('totals' in event) return await endRoot(trace, event)

  const span = spanOf(event, trace.text)
  if (!span) return
  if (event.type === 'model.turn') trace.text = ''
  await postSpan(trace.steps.get('agent') ?? trace.root, span)
}

async function endStep(trace: Trace, event: Extract<RunEvent, { type: 'step.finished' }>): Promise<void> {
  const step = trace.steps.get(event.step)
  if (!step) return
  trace.steps.delete(event.step)
  const message = sentenceOf(event)
  const error = event.status === 'failed' ? message : undefined
  await step.end({ status: event.status, message }, error, Date.parse(event.at))
  await step.patchRun()
}

const UNFINISHED = 'The run ended during this step.'

async function endRoot(trace: Trace, event: Extract<RunEvent, { totals: unknown }>): Promise<void> {
  const end = Date.parse(event.at)
  for (const step of trace.steps.values()) {
    await step.end({ status: 'failed', message: UNFINISHED }, UNFINISHED, end)
    await step.patchRun()
  }
  const { totals, message } = event
  const error = event.type === 'run.succeeded' ? undefined : message
  // LangSmith's filters and charts read the metadata.
  trace.root.metadata = { ...trace.root.metadata, ...totals }
  await trace.root.end({ status: event.type, message, totals }, error, end)
  await trace.root.patchRun()
}

/** Sends a span once and complete, since its event comes when the span is over. */
async function postSpan(parent: RunTree, span: Span): Promise<void> {
  const child = parent.createChild({
    name: span.name,
    run_type: span.runType,
    start_time: span.startMs,
    inputs: span.inputs,
    metadata: span.metadata,
  })
  await child.end(span.outputs, span.error, span.endMs)
  await child.postRun()
}

/**
 * A fetch for LangSmith's client that never fails. Without it, the client retries for over a minute, prints a line for
 * each lost batch, and keeps the process alive. Here a request gets two short attempts; then the batch is dropped, and
 * that is reported, at most once a minute.
 */
function createTraceFetch(options: {
  readonly onProblem: (problem: string) => void
  readonly timeoutMs?: number
  readonly now?: () => number
}): typeof fetch {
  const { onProblem, timeoutMs = 5_000, now = Date.now } = options
  let lastReport = Number.NEGATIVE_INFINITY

  const report = (problem: string) => {
    if (now() - lastReport < 60_000) return
    lastReport = now()
    onProblem(`LangSmith ${problem}; traces are dropped until it answers, runs are not affected.`)
  }

  return async (input, init) => {
    for (const lastTry of [false, true]) {
      const answer = await attempt(input, init, timeoutMs)
      if (typeof answer !== 'string' && (answer.ok || answer.status === 404)) return answer
      const problem = typeof answer === 'string' ? answer : `answers ${answer.status}`
      const worthRetrying = typeof answer === 'string' || answer.status >= 500
      if (typeof answer !== 'string') await answer.body?.cancel()
      if (lastTry || !worthRetrying) {
        report(problem)
        break
      }
    }
    return Response.json({}, { status: 202 })
  }
}

async function attempt(
  input: Parameters<typeof fetch>[0],
  init: Parameters<typeof fetch>[1],
  timeoutMs: number,
): Promise<Response | string> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout
  try {
    return await fetch(input, { ...init, signal })
  } catch {
    return timeout.aborted ? 'does not answer' : 'cannot be reached'
  }
}
