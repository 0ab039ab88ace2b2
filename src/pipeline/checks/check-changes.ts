import { confirmFailures } from '../../checks/compare-checks.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import type { ChangeList } from '../collect/change-list.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Runs the checks on a change, or repeats what they said about exactly these files. */
export type CheckChanges = (changes: ChangeList) => Promise<readonly CheckResult[]>

/** A check that newly fails runs a second time, to tell a flaky one from a broken one. */
export function createCheckChanges(
  { sandbox, path }: Workspace,
  { checks, baseline }: Pick<ProjectFacts, 'checks' | 'baseline'>,
  signal: AbortSignal,
): CheckChanges {
  let latest: { readonly state: string; readonly results: readonly CheckResult[] } | undefined
  return async (changes) => {
    const state = changes.files.map((file) => `${file.mode} ${file.sha} ${file.path}`).join('\n')
    if (latest?.state === state) return latest.results
    const after = await runChecks(sandbox, { workspace: path, commands: checks, signal })
    const results = await confirmFailures(sandbox, { workspace: path, signal, before: baseline, after })
    latest = { state, results }
    return results
  }
}
