import type { AgentOutcome, AgentTask } from '../agent/agent.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { readEvents } from '../runs/log/read-events.ts'
import type { Run } from '../runs/run.ts'
import type { ChangeWatch } from './changes/watch-changes.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { hearPeople } from './hear-people.ts'
import { readContext } from './read-context.ts'
import { loadTranscript, type Parent, recallParent } from './recall-parent.ts'
import type { RunContext } from './run-context.ts'
import type { ReadySandbox } from './set-up-sandbox.ts'
import { spentSoFar } from './spent-so-far.ts'

export interface WorkWithAgentRequest {
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
