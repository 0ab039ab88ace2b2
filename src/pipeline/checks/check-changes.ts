import { limitAfter } from '../../checks/command-limits.ts'
import { confirmFailures } from '../../checks/compare-checks.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import type { Attempt } from '../attempt.ts'
import type { ChangeList } from '../collect/change-list.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Runs the checks on a change in the agent's workspace. */
export interface CheckChanges {
  /** Runs the checks, or reuses their results for exactly these files. */
  run(changes: ChangeList): Promise<readonly CheckResult[]>
  /** The results for exactly these files; undefined if the checks have not run on them. */
  known(changes: ChangeList): readonly CheckResult[] | undefined
}

/**
 * A check that newly fails runs a second time, to tell a flaky check from a broken change. The checks stop early enough
 * to publish the agent's work.
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
  const stateOf = (changes: ChangeList) =>
    changes.files.map((file) => `${file.mode} ${file.sha} ${file.path}`).join('\n')
  const known = (changes: ChangeList) => (latest?.state === stateOf(changes) ? latest.results : undefined)

  async function run(changes: ChangeList): Promise<readonly CheckResult[]> {
    const repeated = known(changes)
    if (repeated) return repeated
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
    latest = { state: stateOf(changes), results }
    return results
  }

  return { run, known }
}
