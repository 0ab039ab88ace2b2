import { limitAfter } from '../../checks/command-limits.ts'
import { confirmFailures } from '../../checks/compare-checks.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import type { Attempt } from '../attempt.ts'
import type { ChangeList } from '../collect/change-list.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Runs the checks on a change, or repeats what they said about exactly these files. */
export type CheckChanges = (changes: ChangeList) => Promise<readonly CheckResult[]>

/**
 * A check that newly fails runs a second time, to tell a flaky one from a broken one. All of it ends in time for what the
 * agent made to be published.
 */
export function createCheckChanges(
  { sandbox, path: workspace }: Workspace,
  { checks: commands, baseline: before, limits }: Pick<ProjectFacts, 'checks' | 'baseline' | 'limits'>,
  { signal, leftMs }: Pick<Attempt, 'signal' | 'leftMs'>,
): CheckChanges {
  let latest: { readonly state: string; readonly results: readonly CheckResult[] } | undefined
  const limitOf = (command: string) =>
    limitAfter(
      before.find((result) => result.command === command),
      limits.checkMs,
    )
  return async (changes) => {
    const state = changes.files.map((file) => `${file.mode} ${file.sha} ${file.path}`).join('\n')
    if (latest?.state === state) return latest.results
    const startedAt = performance.now()
    const togetherMs = Math.min(limits.checksMs, leftMs())
    const after = await runChecks(sandbox, { workspace, commands, signal, limitOf, togetherMs })
    const results = await confirmFailures(sandbox, {
      workspace,
      signal,
      before,
      after,
      togetherMs: togetherMs - (performance.now() - startedAt),
    })
    latest = { state, results }
    return results
  }
}
