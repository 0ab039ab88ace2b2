import type { ResumedWorkspace } from '../../agent/agent.ts'
import { inEnvironment, type RepoEnvironment } from '../../checks/environment/environment.ts'
import type { Checkpoint } from '../../runs/store/kept-work.ts'
import type { Journal } from '../journal.ts'
import { type MergeParts, withMerge } from '../merge/apply-merge.ts'
import { type ProjectEnvironment, readProjectEnvironment } from '../sandbox/project-environment.ts'
import { beginServices } from '../setup/begin-services.ts'
import { storedEnvironment } from '../setup/repository-rules.ts'
import { type ProjectFacts, type SetupParts, setUpProject } from '../setup/set-up-project.ts'
import type { BuiltWorkspace } from '../workspace/build-workspace.ts'
import { cleanWorkspace } from '../workspace/clean-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { emptyCheckpoint, type ResumePoint } from './checkpoint.ts'
import { applyPatch, patchText } from './patch.ts'

/** A workspace after setup, with the facts of the project, the state of its files, and the first checkpoint. */
export interface Prepared {
  readonly workspace: Workspace
  readonly project: ProjectFacts
  readonly environment: ProjectEnvironment
  readonly repo: RepoEnvironment
  /** What happened to the files of the work that the agent continues; undefined when the agent starts afresh. */
  readonly state: ResumedWorkspace | undefined
  readonly start: Checkpoint
}

interface RestoreParts extends SetupParts, MergeParts {
  readonly journal: Journal
  /** True to run no code of the repository. */
  readonly onlyFiles: boolean
}

/**
 * Brings a new sandbox to the last checkpoint: installs dependencies again and applies the agent's changes. The baseline
 * is taken from the events.
 */
export async function restoreWorkspace(
  cloned: BuiltWorkspace,
  { project: earlier, checkpoint, begun }: ResumePoint,
  { onlyFiles, ...parts }: RestoreParts,
): Promise<Prepared> {
  const { journal, rules } = parts
  const { signal } = parts.attempt
  const setUp = onlyFiles ? undefined : await setUpProject(cloned, parts)
  const asked = setUp?.repo ?? storedEnvironment(undefined, rules)
  const ready = { ...cloned, sandbox: inEnvironment(cloned.sandbox, asked) }
  const repo = await beginServices(ready, asked, { journal, signal })
  const environment = onlyFiles ? {} : await readProjectEnvironment(ready.sandbox, signal)
  const cleaned = await cleanWorkspace(ready, { signal, excludes: checkpoint.excludes })
  const { workspace, excludes } = await withMerge(cleaned, parts)
  const { setup, setupFailed, repository } = setUp?.facts ?? earlier
  const project = { ...earlier, setup, setupFailed, repository }
  const empty = emptyCheckpoint(workspace, excludes)
  const restored = { workspace, project, environment, repo }
  if (!begun) return { ...restored, start: empty, state: undefined }
  if (await applyPatch(workspace, checkpoint, signal)) {
    journal.notice('info', "The sandbox was replaced. The agent's changes were restored.")
    const { patch, tree, behind } = checkpoint
    const start = { ...empty, patch, tree, work: behind ? null : checkpoint.work }
    return { ...restored, start, state: { kind: 'restored', behind } }
  }
  journal.notice(
    'warning',
    "The sandbox was replaced, and the agent's changes could not be restored. The agent starts again from the commit.",
  )
  const state = { kind: 'not_restored', diff: patchText(checkpoint.patch) } as const
  return { ...restored, start: empty, state }
}
