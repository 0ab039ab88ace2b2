import type { ResumedWorkspace } from '../agent/agent.ts'
import { inEnvironment, type RepoEnvironment } from '../checks/environment/environment.ts'
import type { TreeListing } from '../github/commits.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import type { RunEvent } from '../runs/run-event.ts'
import { isSettingsRun } from '../runs/settings-request.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SetupCache } from '../setup-cache/setup-cache.ts'
import type { Attempt } from './attempt.ts'
import {
  type CheckpointKeeper,
  createCheckpointKeeper,
  emptyCheckpoint,
  loadResumePoint,
} from './checkpoint/checkpoint.ts'
import { type Prepared, restoreWorkspace } from './checkpoint/restore-workspace.ts'
import { takeBaseline } from './checks/baseline.ts'
import type { BaselineNames } from './checks/baseline-names.ts'
import type { Cloner } from './clone/clone-repository.ts'
import type { Journal } from './journal.ts'
import { type MergeParts, mergedBase, withMerge } from './merge/apply-merge.ts'
import { type InstalledFor, installMerged } from './merge/install-merged.ts'
import { preparedText } from './merge/merge-text.ts'
import { type PreparedMerge, prepareMerge } from './merge/prepare-merge.ts'
import { type LockReport, regenerateLocks } from './merge/regenerate-locks.ts'
import { adoptSandbox, applyParentChange, findLeftSandbox } from './parent-run.ts'
import type { AttemptSandboxes } from './sandbox/attempt-sandboxes.ts'
import { endLeftovers } from './sandbox/end-leftovers.ts'
import { type ProjectEnvironment, readProjectEnvironment } from './sandbox/project-environment.ts'
import { beginServices, wakeServices } from './setup/begin-services.ts'
import { chooseTemplate } from './setup/choose-template.ts'
import { withPlan } from './setup/earlier-facts.ts'
import { type RepositoryRules, rulesFor, storedEnvironment } from './setup/repository-rules.ts'
import { findSetup, type SetupReuse } from './setup/reuse-setup.ts'
import { openMore, type ProjectFacts, type SetupParts, setUpProject } from './setup/set-up-project.ts'
import type { BuiltWorkspace } from './workspace/build-workspace.ts'
import { cleanWorkspace } from './workspace/clean-workspace.ts'
import { watchTree } from './workspace/tree-watch.ts'
import { type Base, type Workspace, workspaceIn } from './workspace/workspace.ts'

/** A sandbox in which the agent can work, with everything that is known about it. */
export interface ReadySandbox {
  readonly workspace: Workspace
  readonly project: ProjectFacts
  /** The environment for the project's commands that run after the agent; see `pinEnvironment`. */
  readonly environment: ProjectEnvironment
  /** What the repository asked of its sandbox (hosts, services, variables) and got. */
  readonly repo: RepoEnvironment
  /** Every file of the base commit. */
  readonly baseTree: TreeListing
  /** The merge that the agent finishes; undefined when the run does not merge. */
  readonly merge: PreparedMerge | undefined
  /** How the merge's lock files were regenerated; empty when the run does not merge. */
  readonly locks: readonly LockReport[]
  /** The state of the files for which dependencies are installed; `base` when the run does not merge. */
  readonly installed: InstalledFor
  readonly keeper: CheckpointKeeper
  /** What happened to the files of the work that the agent continues; undefined when the agent starts afresh. */
  readonly state: ResumedWorkspace | undefined
  /** The stored `AgentWork` of an agent that has ended and whose files are intact; otherwise null. */
  readonly work: unknown
}

interface ReadySandboxRequest {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Every file of the base commit. */
  readonly baseTree: TreeListing
  /** True to run no code of the repository, so dependencies are not installed. Default: false. */
  readonly onlyFiles?: boolean
}

export type GetReadySandbox = (request: ReadySandboxRequest) => Promise<ReadySandbox>

interface ReadySandboxParts {
  readonly store: Pick<RunStore, 'get' | 'loadCheckpoint' | 'loadTranscript' | 'saveCheckpoint'>
  readonly eventsOf: (runId: string) => Promise<readonly RunEvent[]>
  readonly attempt: Attempt
  readonly journal: Journal
  readonly sandboxes: Pick<AttemptSandboxes, 'open'>
  readonly cloner: Cloner
  /** Undefined when setups are not kept for later runs. */
  readonly setupCache: SetupCache | undefined
  readonly rules: RepositoryRules
  /** Undefined when nothing is verified. */
  readonly names: BaselineNames | undefined
}

/**
 * Does the steps `sandbox`, `clone`, `setup` and `baseline`. They continue in the run's earlier sandbox if it is still
 * alive; otherwise they make a new one and restore the run's last checkpoint in it.
 */
export function createReadySandbox(parts: ReadySandboxParts): GetReadySandbox {
  const { store, eventsOf, attempt, journal, sandboxes, cloner, setupCache } = parts
  const { run, signal } = attempt
  const { notice } = journal

  /** The repository's environment as last saved, by this attempt or an earlier one. */
  let known = run.progress.repoEnvironment

  /** @param isAtBase true when the files are certainly those of the base commit. */
  function ready(
    { start, ...prepared }: Prepared,
    facts: Pick<ReadySandbox, 'baseTree' | 'merge' | 'locks' | 'installed'>,
    isAtBase = false,
  ): ReadySandbox {
    const watch = watchTree(prepared.workspace.sandbox, prepared.workspace.path)
    if (isAtBase) watch.beginLook()(`${prepared.workspace.base.tree} complete 0`)
    const workspace = { ...prepared.workspace, sandbox: watch.sandbox, watch }
    const keeper = createCheckpointKeeper(workspace, { store, attempt, notice, start })
    return { ...prepared, ...facts, workspace, keeper, work: start.work }
  }

  /** Stores what the next attempt needs to continue. */
  async function keep({ environment, repo, project, workspace, start }: Prepared): Promise<void> {
    known = repo
    await attempt.saveProgress({
      projectEnvironment: environment,
      repoEnvironment: repo,
      repositoryPlan: project.repository,
      baseIndex: workspace.index,
      history: workspace.history,
      large: workspace.large,
    })
    await store.saveCheckpoint(run.id, attempt.number, start)
  }

  /** Removes what installing again left behind. It would remove regenerated lock files, too, so none may exist. */
  async function withoutLeftovers(prepared: Prepared): Promise<Prepared> {
    const { excludes: known } = prepared.start
    const { workspace, excludes } = await cleanWorkspace(prepared.workspace, { signal, excludes: known })
    const cleaned = { ...prepared, workspace, start: emptyCheckpoint(workspace, excludes) }
    await keep(cleaned)
    return cleaned
  }

  return async ({ access, base, baseTree, onlyFiles = false }) => {
    const { owner, name } = access.repository
    const earlier = await loadResumePoint(store, await journal.events(), { runId: run.id, baseSha: base.sha })
    const left =
      earlier || onlyFiles || base.merge ? undefined : await findLeftSandbox(run, base, { store, eventsOf })
    const merge = await prepareMerge(cloner, { access, base, signal })
    const facts = { baseTree, merge, locks: [], installed: 'base' } as const
    if (merge && !earlier) notice('info', preparedText(base, merge))
    const earlierId = left?.sandboxId ?? (earlier?.begun ? earlier.checkpoint.sandboxId : undefined)
    const rules = rulesFor(parts.rules, baseTree)
    const { hosts } = rules.egress
    const egress = cloner.firstEgress(access.credential, hosts)
    const cache = onlyFiles ? undefined : setupCache
    let reuse = await findSetup(undefined, { access, base, baseTree, notice, signal })
    const { sandbox, resumed } = await sandboxes.open({
      earlierId,
      egress,
      async beginning() {
        reuse = await findSetup(cache, { access, base, baseTree, notice, signal })
        return { snapshotId: reuse.snapshotId, template: await chooseTemplate(access, base, rules) }
      },
    })
    if (earlier && resumed) {
      await endLeftovers(sandbox, signal)
      const { checkpoint: start } = earlier
      const project = withPlan(earlier.project, run.progress)
      const { projectEnvironment: environment = {}, baseIndex } = run.progress
      const repo = storedEnvironment(known, rules)
      await sandbox.setEgress(repo.egress)
      const workspace = workspaceIn(
        inEnvironment(sandbox, repo),
        merge ? mergedBase(base, merge) : base,
        baseIndex,
      )
      await wakeServices(workspace, repo, { journal, signal })
      const state = { kind: 'as_left' } as const
      return ready({ workspace, project, environment, repo, start, state }, facts)
    }
    if (left && resumed) {
      const adopted = await adoptSandbox(left, { sandbox, base, journal, signal, rules })
      await keep(adopted)
      const fresh = ready(adopted, facts)
      await fresh.keeper.keepFiles()
      return fresh
    }
    const begunWith = await reuse.begunWith(sandbox)
    const request = { access, base, hosts, signal }
    const clone = () => cloner.clone(sandbox, { ...request, scans: !onlyFiles })
    async function cloneAgain(): Promise<Workspace> {
      await sandbox.setEgress(egress)
      return (await cloner.clone(sandbox, request)).value
    }
    const cloned = await journal.step('clone', `Cloning ${owner}/${name}`, clone)
    for (const missing of cloned.missing) notice('warning', `${missing}.`)
    const proposes = isSettingsRun(run.request)
    const common = { begunWith, journal, attempt, access, rules, names: parts.names, proposes, merge, cloner }
    const { install, ...prepared }: Prepared & Partial<Installing> = await (earlier
      ? restoreWorkspace(cloned, earlier, { ...common, onlyFiles })
      : prepare(cloned, { ...common, reuse, cloneAgain }))
    await keep(prepared)
    if (prepared.state) return ready(prepared, facts)
    const state = await applyParentChange(prepared.workspace, { store, run, signal, notice })
    const { workspace } = prepared
    const locks =
      merge && !state && !onlyFiles ? await regenerateLocks(workspace, merge, { signal, notice }) : []
    const isMerged = merge && !state && install
    const installed = isMerged ? await installMerged(merge, locks, { install, notice }) : 'base'
    const isTidy = installed === 'base' || locks.length > 0
    const settled = isTidy ? prepared : await withoutLeftovers(prepared)
    const isAtBase = state === undefined && locks.length === 0
    const fresh = ready({ ...settled, state }, { ...facts, locks, installed }, isAtBase)
    if (!isAtBase) await fresh.keeper.keepFiles()
    return fresh
  }
}

interface Installing {
  /** `install` of `SetUp`. */
  readonly install: () => Promise<boolean>
}

interface PrepareParts extends SetupParts, Pick<ReadySandboxParts, 'names'>, MergeParts {
  readonly journal: Journal
}

async function prepare(
  cloned: BuiltWorkspace,
  {
    reuse,
    cloneAgain,
    ...parts
  }: PrepareParts & { readonly reuse: SetupReuse; readonly cloneAgain: () => Promise<Workspace> },
): Promise<Prepared & Installing> {
  const { journal, attempt, rules } = parts
  const { facts, made, repo: asked, files, ran: setup, install } = await setUpProject(cloned, parts)
  const bare = await reuse.keep(cloned, made, cloneAgain)
  if (bare !== cloned) await openMore(bare.sandbox, asked, rules)
  const ready = { ...bare, sandbox: inEnvironment(bare.sandbox, asked) }
  const repo = await beginServices(ready, asked, { journal, signal: attempt.signal })
  const environment = await readProjectEnvironment(ready.sandbox, attempt.signal)
  const names = asked.verify === 'off' && !parts.proposes ? undefined : parts.names
  const baseline = await takeBaseline(ready, facts, { journal, attempt, files, names, setup })
  const { results } = baseline
  const { workspace, excludes } = await withMerge(baseline, parts)
  return {
    workspace,
    project: { ...facts, baseline: results },
    environment,
    repo,
    start: emptyCheckpoint(workspace, excludes),
    state: undefined,
    install,
  }
}
