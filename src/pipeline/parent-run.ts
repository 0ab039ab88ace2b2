import type { ResumedWorkspace } from '../agent/agent.ts'
import { inEnvironment, type RepoEnvironment } from '../checks/environment/environment.ts'
import type { Run } from '../runs/run.ts'
import type { RunEvent } from '../runs/run-event.ts'
import type { Checkpoint } from '../runs/store/kept-work.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import { checksText } from '../runs/summary/sentences.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Attempt } from './attempt.ts'
import { loadResumePoint, type ResumePoint } from './checkpoint/checkpoint.ts'
import { applyPatch, patchText } from './checkpoint/patch.ts'
import type { Journal } from './journal.ts'
import { endLeftovers } from './sandbox/end-leftovers.ts'
import type { ProjectEnvironment } from './sandbox/project-environment.ts'
import { wakeServices } from './setup/begin-services.ts'
import { withPlan } from './setup/earlier-facts.ts'
import { type RepositoryRules, storedEnvironment } from './setup/repository-rules.ts'
import type { ProjectFacts } from './setup/set-up-project.ts'
import { type Base, type Workspace, workspaceIn } from './workspace/workspace.ts'

/** The sandbox that a run left paused when it asked a question or made a plan. */
export interface LeftSandbox {
  readonly sandboxId: string
  readonly parent: Run
  readonly resume: ResumePoint
}

/** @returns undefined when no paused sandbox waits for this run, or when it was made from another base commit. */
export async function findLeftSandbox(
  { request: { parentRunId, options } }: Pick<Run, 'request'>,
  base: Pick<Base, 'sha'>,
  {
    store,
    eventsOf,
  }: {
    readonly store: Pick<RunStore, 'get' | 'loadCheckpoint' | 'loadTranscript'>
    readonly eventsOf: (runId: string) => Promise<readonly RunEvent[]>
  },
): Promise<LeftSandbox | undefined> {
  if (parentRunId === undefined || options.plan === true) return undefined
  const parent = await store.get(parentRunId)
  const { sandboxId, pausedUntil } = parent?.progress ?? {}
  if (!parent || sandboxId === undefined || pausedUntil === undefined) return undefined
  const resume = await loadResumePoint(store, await eventsOf(parent.id), {
    runId: parent.id,
    baseSha: base.sha,
  })
  return resume && { sandboxId, parent, resume }
}

/** What a run takes over from its parent run, together with the sandbox. */
interface AdoptedSandbox {
  readonly workspace: Workspace
  readonly project: ProjectFacts
  readonly environment: ProjectEnvironment
  readonly repo: RepoEnvironment
  readonly start: Checkpoint
  readonly state: ResumedWorkspace | undefined
}

/** Continues in the parent's sandbox. Steps that need not be repeated only report their earlier results. */
export async function adoptSandbox(
  { parent, resume }: LeftSandbox,
  {
    sandbox,
    base,
    journal,
    signal,
    rules,
  }: {
    readonly sandbox: Sandbox
    readonly base: Base
    readonly journal: Journal
    readonly signal: AbortSignal
    readonly rules: RepositoryRules
  },
): Promise<AdoptedSandbox> {
  await endLeftovers(sandbox, signal)
  const repo = storedEnvironment(parent.progress.repoEnvironment, rules)
  await sandbox.setEgress(repo.egress)
  const { history, large } = parent.progress
  const workspace = { ...workspaceIn(inEnvironment(sandbox, repo), base), history, large }
  const { checkpoint } = resume
  const project = withPlan(resume.project, parent.progress)
  await repeatSteps(project, { base, journal })
  await wakeServices(workspace, repo, { journal, signal })
  const start = { ...checkpoint, sandboxId: sandbox.id, work: null }
  const changed = checkpoint.patch.length > 0
  return {
    workspace,
    project,
    environment: parent.progress.projectEnvironment ?? {},
    repo,
    start,
    state: changed ? { kind: 'restored', behind: false } : undefined,
  }
}

async function repeatSteps(
  { setup, setupFailed, baseline, limits }: ProjectFacts,
  { base, journal: { step, emit } }: { readonly base: Base; readonly journal: Journal },
): Promise<void> {
  const there = `The clone at ${base.sha.slice(0, 7)} is there already`
  await step('clone', 'Looking for the clone', async () => ({ value: null, message: there }))
  await step('setup', 'Looking for the dependencies', async () => {
    emit({ type: 'setup.finished', results: [], reason: setupFailed ? setup : undefined, limits })
    return { value: null, message: setup, status: setupFailed ? 'failed' : 'ok' }
  })
  await step('baseline', 'Repeating what the checks said before any change', async () => {
    emit({ type: 'checks.finished', phase: 'before', results: baseline })
    return { value: null, message: checksText(baseline), status: baseline.length === 0 ? 'skipped' : 'ok' }
  })
}

/**
 * Applies the changes of the parent run, when that run ended with a question: the transcript to continue describes them.
 *
 * @returns what became of the changes; undefined when the parent run asked nothing or had changed nothing.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function applyParentChange(
  workspace: Workspace,
  {
    store,
    run,
    signal,
    notice,
  }: {
    readonly store: Pick<RunStore, 'get' | 'loadCheckpoint'>
  } & Pick<Attempt, 'run' | 'signal'> &
    Pick<Journal, 'notice'>,
): Promise<ResumedWorkspace | undefined> {
  const { parentRunId, options } = run.request
  if (parentRunId === undefined || options.plan === true) return undefined
  const parent = await store.get(parentRunId)
  if (parent?.ending?.outcome !== 'question') return undefined
  const left = await store.loadCheckpoint(parent.id)
  if (!left || left.patch.length === 0) return undefined
  const { patch, tree, behind } = left
  // If the branch has moved, the same patch gives another tree, so the tree id cannot be compared.
  const fits = left.baseSha === workspace.base.sha ? { patch, tree } : { patch }
  if (await applyPatch(workspace, fits, signal)) {
    notice('info', 'This run begins with the changes of the run that asked the question.')
    return { kind: 'restored', behind }
  }
  notice(
    'warning',
    'The changes of the run that asked the question no longer fit the branch. This run begins without them.',
  )
  return { kind: 'not_restored', diff: patchText(patch) }
}
