import type { AgentOutcome, AgentTask } from '../../agent/agent.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Transcript } from '../../models/transcript.ts'
import { INTERNAL_FAILURE } from '../../runs/ending.ts'
import { readEvents } from '../../runs/log/run-log.ts'
import { goesOnElsewhere } from '../../runs/queue/run-released.ts'
import type { Run } from '../../runs/run.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import type { ChangeWatch } from '../gate/review-changes.ts'
import type { ExecuteRunDeps, RunContext } from '../run-context.ts'
import { describeFailure } from '../run-report.ts'
import type { ReadySandbox } from '../sandbox/set-up-sandbox.ts'
import { spentSoFar, unfinishedOutcome } from '../usage.ts'
import { hearPeople } from './people.ts'
import { readContext } from './read-context.ts'

interface WorkWithAgentRequest {
  readonly context: RunContext
  readonly access: RepositoryAccess
  readonly ready: ReadySandbox
  readonly watch: ChangeWatch
}

/** What the agent says about its work; not yet what it did. */
export interface AgentWork {
  readonly outcome: AgentOutcome
  readonly whyNoModel: readonly string[]
  /** False when the agent says that the workspace is to be left as it was. */
  readonly mayHaveChanged: boolean
  /** One line for people. */
  readonly summary: string
}

/** Lets the agent work until it is done. It has no way to push, comment or open a pull request. */
export async function workWithAgent(deps: ExecuteRunDeps, request: WorkWithAgentRequest): Promise<AgentWork> {
  const { context, access, ready, watch } = request
  const { run, attempt, signal, emit } = context
  const { sandbox, keeper, state } = ready
  const { agent, whyNoModel } = await deps.agentFor(run)
  const parent = await recallParent(deps.store, run)
  const { base } = ready.workspace
  const { task: read, readInstructions } = await readContext(deps, { context, access, base })
  const task = {
    ...(await describeTask(deps, request)),
    ...read,
    ...goingOn(run, parent),
    whyNoModel,
  }
  const own = state && (await loadTranscript(deps.store, run.id))
  const resume = own ?? parent?.transcript
  const people = hearPeople(deps.notes, { run, access })
  let known = 0
  const outcome = await agent.work(task, {
    sandbox,
    signal,
    emit,
    async checkpoint(transcript, { mayHaveChanged, taken = [] }) {
      // The files first: a transcript must never tell of what is not kept.
      if (mayHaveChanged) await keeper.keepFiles()
      await deps.store.saveTranscript(run.id, attempt, transcript, { taken, known })
      known = transcript.entries.length
      people.acknowledge(taken)
    },
    ...(resume ? { resume } : {}),
    ...(state ? { workspaceState: state } : {}),
    takeNotes: people.takeNotes,
    readInstructions,
    verify: watch.verify,
  })
  // Whatever a run that only plans did to the files ends with its sandbox.
  const mayHaveChanged = !task.plan && (outcome.kind === 'done' || outcome.kind === 'partial')
  const work = { outcome, whyNoModel, mayHaveChanged, summary: summarize(outcome) }
  await keeper.keepWork(work)
  return work
}

/** What an earlier attempt's agent said at its end, as it was given to `keepWork`; undefined when it has not ended. */
export function recallWork(kept: unknown): AgentWork | undefined {
  // `workWithAgent` is the only one that keeps any.
  return kept === null ? undefined : (kept as AgentWork)
}

function summarize({ kind, reason, totals: { turns, toolCalls } }: AgentOutcome): string {
  const effort = `${turns} ${turns === 1 ? 'turn' : 'turns'}, ${toolCalls} tool ${toolCalls === 1 ? 'call' : 'calls'}`
  switch (kind) {
    case 'done':
      return `The change is made (${effort})`
    case 'partial':
      return `Stopped early: ${reason ?? 'not everything is done'} (${effort})`
    case 'no_change':
      return `Nothing was to change (${effort})`
    case 'blocked':
      return `A question is open (${effort})`
    case 'plan':
      return `The plan is made (${effort})`
    case 'triage':
      return 'The triage is written'
  }
}

async function describeTask(
  { log, limits, egressHosts }: ExecuteRunDeps,
  { context: { run, flush }, access, ready: { workspace, project } }: WorkWithAgentRequest,
): Promise<Omit<AgentTask, 'instructions' | 'images'>> {
  const { request } = run
  const { owner, name } = access.repository
  await flush()
  return {
    runId: run.id,
    repository: `${owner}/${name}`,
    baseBranch: workspace.base.branch,
    baseSha: workspace.base.sha,
    workspace: workspace.path,
    prompt: request.prompt,
    requester: request.requester.login,
    baseline: project.baseline,
    setup: project.setup,
    network: egressHosts,
    limits: { ...limits, usd: Math.min(limits.usd, run.budgetUsd ?? limits.usd) },
    spent: spentSoFar(await readEvents(log, run.id)),
  }
}

/** What a run is told that only plans, or goes on from another one. */
function goingOn(
  { request: { options } }: Run,
  parent: Parent | undefined,
): Pick<AgentTask, 'plan' | 'earlier'> {
  return {
    ...(options.plan ? { plan: true } : {}),
    ...(parent?.earlier === undefined ? {} : { earlier: parent.earlier }),
  }
}

/**
 * What is left of the work of an agent that broke for a reason nobody foresaw: the files as they are, which have cost
 * somebody money.
 *
 * @throws `error` when it says how the run ends or where it goes on.
 */
export async function salvageWork(
  deps: ExecuteRunDeps,
  context: RunContext,
  error: unknown,
): Promise<AgentWork> {
  const { run, signal } = context
  const foreseen = describeFailure(error, run.id).code !== 'internal'
  if (signal.aborted || foreseen || goesOnElsewhere(error)) throw error
  deps.onError(error, { runId: run.id })
  const outcome = await unfinishedOutcome(deps, context, {
    summary: 'These are the files as they were when the work broke off. Nobody has looked at them since.',
    reason: `${INTERNAL_FAILURE} while the agent worked; the service's log has the details under run ${run.id}.`,
    code: 'internal',
  })
  const mayHaveChanged = run.request.options.plan !== true
  return { outcome, whyNoModel: [], mayHaveChanged, summary: 'The agent broke off' }
}

/** What a run has of the run that it goes on from. */
interface Parent {
  /** Undefined when there is none: no model took part, or it is no longer kept. */
  readonly transcript: Transcript | undefined
  /** How that run ended, where its transcript does not tell. */
  readonly earlier: string | undefined
}

const MAX_ENDING = 2000

/** @returns undefined when the run begins by itself. */
async function recallParent(
  store: Pick<RunStore, 'get' | 'loadTranscript'>,
  { request }: Pick<Run, 'request'>,
): Promise<Parent | undefined> {
  const parent = request.parentRunId === undefined ? undefined : await store.get(request.parentRunId)
  if (!parent) return undefined
  const kept = await loadTranscript(store, parent.id)
  const sameTools = Boolean(parent.request.options.plan) === Boolean(request.options.plan)
  const transcript = kept && !sameTools ? withoutNative(kept) : kept
  return { transcript, earlier: endingOf(parent, kept !== undefined) }
}

/** As an attempt of the run has kept it. */
async function loadTranscript(
  store: Pick<RunStore, 'loadTranscript'>,
  runId: string,
): Promise<Transcript | undefined> {
  const stored = await store.loadTranscript(runId)
  // The store keeps entries as they were given to `saveTranscript`, which only `workWithAgent` calls.
  return stored && { system: stored.system, entries: stored.entries as Transcript['entries'] }
}

/** Providers refuse their own reasoning under other tools than those it was made with: it is left behind. */
function withoutNative({ system, entries }: Transcript): Transcript {
  return {
    system,
    entries: entries.map((entry) => (entry.role === 'assistant' ? { ...entry, native: null } : entry)),
  }
}

function endingOf({ ending }: Run, isKept: boolean): string | undefined {
  const told = isKept && ending?.status === 'succeeded' && ending.outcome !== 'pull_request'
  if (told || !ending) return undefined
  const { message, pullRequestUrl } = ending
  return [message.trim().slice(0, MAX_ENDING), ...(pullRequestUrl ? [pullRequestUrl] : [])].join(' ')
}
