import type { Project } from '../../checks/project.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import { checksText, withCommands } from '../../runs/summary/sentences.ts'
import { type NamedCheck, runNamedChecks } from '../../verify/run-named-checks.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { cleanWorkspace } from '../workspace/clean-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { BaselineNames } from './baseline-names.ts'

/** The results of the repository's checks before any change. */
export interface Baseline {
  /** The cleaned workspace, with its new index. */
  readonly workspace: Workspace
  readonly results: readonly CheckResult[]
  /** Git's exclude file, which lists files that setup and checks left behind and that are no change. */
  readonly excludes: Uint8Array
}

/**
 * Runs the checks on the untouched code, and then removes what setup and checks left behind. A failing check is no error
 * but a fact.
 */
export async function takeBaseline(
  workspace: Workspace,
  { checks: commands, limits }: Pick<ProjectFacts, 'checks' | 'limits'>,
  {
    journal,
    attempt: { signal, leftMs },
    files,
    names,
    setup,
  }: {
    readonly journal: Omit<Journal, 'flush' | 'events'>
    readonly attempt: Pick<Attempt, 'signal' | 'leftMs'>
    /** The files of the base commit. */
    readonly files: Project
    /** Undefined if the names of tests are not needed. */
    readonly names: BaselineNames | undefined
    /** The commands that installed the dependencies. */
    readonly setup: readonly NamedCheck[]
  },
): Promise<Baseline> {
  const { step, emit, notice } = journal
  const starting = withCommands('Running the checks before any change', commands)
  return step('baseline', starting, async () => {
    const { sandbox, path } = workspace
    const request = {
      workspace: path,
      commands,
      signal,
      limitOf: () => limits.checkMs,
      togetherMs: Math.min(limits.checksMs, leftMs()),
    }
    async function runNamed({ readReport, keep }: BaselineNames): Promise<readonly CheckResult[]> {
      const checks = await runNamedChecks(sandbox, request, { project: files, readReport })
      await keep({ checks, setup })
      return checks.map(({ result }) => result)
    }
    const results = await (names ? runNamed(names) : runChecks(sandbox, request))
    emit({ type: 'checks.finished', phase: 'before', results })
    const { workspace: cleaned, restored, excludes } = await cleanWorkspace(workspace, { signal })
    if (restored > 0) {
      const what = restored === 1 ? '1 file' : `${restored} files`
      notice('info', `Setup and checks changed ${what} of the commit. The original content was put back.`)
    }
    const value = { workspace: cleaned, results, excludes }
    return { value, message: checksText(results), status: checksStatus(results) }
  })
}

/** The status of a step that ran checks. */
export function checksStatus(results: readonly CheckResult[]): 'ok' | 'skipped' {
  return results.length === 0 ? 'skipped' : 'ok'
}
