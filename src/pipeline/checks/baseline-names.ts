import type { CheckResult } from '../../checks/run-checks.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import { type PackedCheck, packChecks, unpackChecks } from '../../verify/pack-checks.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { Attempt } from '../attempt.ts'

/** The names of the tests at the base commit, which events have no room for. */
export interface BaselineNames {
  readonly readReport: ReadReport
  /** Keeps what the checks said before any change, for this attempt and those that follow. */
  keep(checks: readonly NamedCheck[]): Promise<void>
  /** These results with their names, as far as they are known. */
  of(results: readonly CheckResult[]): Promise<readonly NamedCheck[]>
}

const NAME = 'baseline:tests'

export function createBaselineNames(
  effects: Pick<EffectStore, 'keep' | 'result'>,
  { run, number }: Pick<Attempt, 'run' | 'number'>,
  readReport: ReadReport,
): BaselineNames {
  let known: Promise<readonly NamedCheck[]> | undefined

  async function load(): Promise<readonly NamedCheck[]> {
    // A run that goes on in the sandbox of an earlier one has that one's baseline.
    for (const runId of [run.id, run.request.parentRunId]) {
      const kept = runId === undefined ? undefined : await effects.result({ runId, name: NAME })
      // The only writer is `keep`.
      if (kept !== undefined) return unpackChecks(kept as readonly PackedCheck[])
    }
    return []
  }

  return {
    readReport,
    async keep(checks) {
      known = Promise.resolve(checks)
      const result = await packChecks(checks)
      await effects.keep({ runId: run.id, attempt: number, name: NAME, result })
    },
    async of(results) {
      known ??= load()
      const named = await known
      return results.map((result) => {
        const found = named.find((check) => check.result.command === result.command)
        return { result, tests: found?.result.exitCode === result.exitCode ? found.tests : undefined }
      })
    },
  }
}
