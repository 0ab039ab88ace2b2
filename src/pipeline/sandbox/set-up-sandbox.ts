import type { ResumedWorkspace } from '../../agent/agent.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Checkpoint } from '../../runs/store/kept-work.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { durationText } from '../../text/amounts.ts'
import { pause as pauseByClock } from '../../time/pause.ts'
import {
  type CheckpointKeeper,
  createCheckpointKeeper,
  type Past,
  recallPast,
} from '../checkpoint/checkpoint.ts'
import { applyPatch, patchText } from '../checkpoint/patch.ts'
import type { ExecuteRunDeps, RunContext } from '../run-context.ts'
import { chooseTransport, firstEgress, prepareWorkspace } from '../workspace/clone-repository.ts'
import { type PreparedProject, prepareAgain, prepareProject } from '../workspace/prepare-project.ts'
import { type Base, type Workspace, workspacePaths } from '../workspace/workspace.ts'
import { endLeftovers, type OpenSandbox, openSandbox } from './open-sandbox.ts'

export interface ReadySandbox {
  readonly sandbox: Sandbox
  readonly workspace: Workspace
  readonly project: PreparedProject
  readonly keeper: CheckpointKeeper
  /** How the files stand for an agent that goes on; undefined when it is to start from the beginning. */
  readonly state: ResumedWorkspace | undefined
  /** What the agent said at its end, when it has ended and the files are as it left them; else null. */
  readonly work: unknown
}

export interface SetUpRequest {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Takes every sandbox that was opened, so that it is closed whatever happens next. */
  readonly boxes: OpenSandbox[]
  /** True to run nothing of the repository: dependencies are not installed. Default: false. */
  readonly onlyFiles?: boolean
}

/** What is found out on the way. */
type Found = Pick<ReadySandbox, 'project' | 'state'> & { readonly start: Checkpoint }

const NOTHING = new Uint8Array()
/** Thousands of stray files; leaving them out again is then up to the checks. */
const MAX_EXCLUDES_BYTES = 1024 * 1024

/**
 * A sandbox that the agent can work in: the one that it worked in before if that still lives, else a new one, brought
 * to where the run was when something was last kept.
 */
export async function setUpSandbox(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: SetUpRequest,
): Promise<ReadySandbox> {
  const { base } = request
  const past = await recallPast(deps, context, base.sha)
  const { sandbox, resumed } = await open(deps, context, { ...request, past })
  if (past && resumed) {
    await endLeftovers(sandbox, context.signal)
    const workspace = { base, ...workspacePaths(sandbox.home) }
    const { project, checkpoint: start } = past
    return ready(deps, context, { sandbox, workspace, project, start, state: { kind: 'as_left' } })
  }
  const workspace = await clone(deps, context, { ...request, sandbox })
  const place = { sandbox, workspace }
  const found = await (past
    ? restore(context, { ...place, onlyFiles: request.onlyFiles ?? false }, past)
    : prepare(context, place))
  await deps.store.saveCheckpoint(context.run.id, context.attempt, found.start)
  if (found.state) return ready(deps, context, { ...place, ...found })
  const begun = ready(deps, context, { ...place, ...found, state: await carryOver(deps, context, place) })
  if (begun.state) await begun.keeper.keepFiles()
  return begun
}

function ready(
  { store }: ExecuteRunDeps,
  context: RunContext,
  { start, ...facts }: Found & Pick<ReadySandbox, 'sandbox' | 'workspace'>,
): ReadySandbox {
  const keeper = createCheckpointKeeper(store, context, { ...facts, start })
  return { ...facts, keeper, work: start.work }
}

async function open(
  { sandboxes, webUrl, egressHosts, pause = pauseByClock }: ExecuteRunDeps,
  { run, step, signal, ...context }: RunContext,
  { access, boxes, past }: SetUpRequest & { readonly past: Past | undefined },
): Promise<OpenSandbox> {
  const transport = chooseTransport(sandboxes.reachesGitHub, access.credential)
  return step('sandbox', 'Starting a sandbox', async () => {
    const value = await openSandbox(sandboxes, {
      runId: run.id,
      earlierId: past?.begun ? past.checkpoint.sandboxId : undefined,
      egress: { allowHosts: firstEgress(transport, webUrl, egressHosts) },
      pause: (ms) => pause(ms, signal),
      signal,
      onWait: (message) => context.notice('info', message),
    })
    boxes.push(value)
    context.hideHome(value.sandbox.home)
    signal.throwIfAborted()
    await context.saveProgress({ sandboxId: value.sandbox.id })
    const kind = `${sandboxes.kind === 'e2b' ? 'E2B' : sandboxes.kind} sandbox`
    return { value, message: value.resumed ? `Went on in the same ${kind}` : `Started ${kind}` }
  })
}

async function clone(
  deps: ExecuteRunDeps,
  { step, signal, onSecret }: RunContext,
  { access, base, sandbox }: SetUpRequest & { readonly sandbox: Sandbox },
): Promise<Workspace> {
  const { sandboxes, webUrl, egressHosts, hostEnvironment, now = () => new Date() } = deps
  const transport = chooseTransport(sandboxes.reachesGitHub, access.credential)
  const { owner, name } = access.repository
  return step('clone', `Cloning ${owner}/${name}`, async () => {
    const startedAt = now().getTime()
    const value = await prepareWorkspace({
      ...{ sandbox, transport, access, base, webUrl, egressHosts, signal, onSecret },
      ...(hostEnvironment ? { hostEnvironment } : {}),
    })
    const took = durationText(now().getTime() - startedAt)
    return {
      value,
      message: `Cloned ${owner}/${name} at ${base.sha.slice(0, 7)} (${base.branch}) in ${took}`,
    }
  })
}

async function prepare(
  context: RunContext,
  { sandbox, workspace }: Pick<ReadySandbox, 'sandbox' | 'workspace'>,
): Promise<Found> {
  const { project, excludes } = await prepareProject(context, sandbox, workspace)
  const { sha: baseSha, tree } = workspace.base
  const start = { baseSha, tree, sandboxId: sandbox.id, patch: NOTHING, behind: false, work: null }
  return { project, start: { ...start, excludes: keepable(excludes) }, state: undefined }
}

/** What the checks said before any change is known; dependencies and the agent's changes are gone with the sandbox. */
async function restore(
  context: RunContext,
  place: Pick<ReadySandbox, 'sandbox' | 'workspace'> & { readonly onlyFiles: boolean },
  past: Past,
): Promise<Found> {
  const { checkpoint, begun } = past
  const { project, excludes } = await prepareAgain(context, place, { ...past, excludes: checkpoint.excludes })
  const kept = { ...checkpoint, sandboxId: place.sandbox.id, excludes: keepable(excludes) }
  const fresh = { ...kept, tree: place.workspace.base.tree, patch: NOTHING, behind: false, work: null }
  if (!begun) return { project, start: fresh, state: undefined }
  if (await applyPatch(place, checkpoint, context.signal)) {
    context.notice('info', 'The sandbox was replaced: what the agent had changed was restored.')
    const { behind } = checkpoint
    const work = behind ? null : checkpoint.work
    return { project, start: { ...kept, behind: false, work }, state: { kind: 'restored', behind } }
  }
  context.notice(
    'warning',
    'The sandbox was replaced, and what the agent had changed could not be restored: it starts from the commit again.',
  )
  return { project, start: fresh, state: { kind: 'not_restored', diff: patchText(checkpoint.patch) } }
}

function keepable(excludes: Uint8Array): Uint8Array {
  return excludes.length <= MAX_EXCLUDES_BYTES ? excludes : NOTHING
}

/**
 * Puts into a fresh workspace what the run had changed whose question this one answers: the transcript that it goes on
 * from tells of it.
 *
 * @returns how the files stand for the agent; undefined when nothing was to be put there.
 * @throws {SandboxError} when the sandbox is lost.
 */
async function carryOver(
  { store }: Pick<ExecuteRunDeps, 'store'>,
  { run, signal, notice }: Pick<RunContext, 'run' | 'signal' | 'notice'>,
  place: { readonly sandbox: Sandbox; readonly workspace: Workspace },
): Promise<ResumedWorkspace | undefined> {
  const { parentRunId, options } = run.request
  if (parentRunId === undefined || options.plan === true) return undefined
  const parent = await store.get(parentRunId)
  if (parent?.ending?.outcome !== 'question') return undefined
  const left = await store.loadCheckpoint(parent.id)
  if (!left || left.patch.length === 0) return undefined
  const { patch, tree, behind } = left
  // On top of a branch that moved, the same change makes another tree.
  const fits = left.baseSha === place.workspace.base.sha ? { patch, tree } : { patch }
  if (await applyPatch(place, fits, signal)) {
    notice('info', 'What the run that asked had changed was put into the workspace.')
    return { kind: 'restored', behind }
  }
  notice(
    'warning',
    'What the run that asked had changed does not fit the branch any more: this run begins without it.',
  )
  return { kind: 'not_restored', diff: patchText(patch) }
}
