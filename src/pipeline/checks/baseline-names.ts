import type { CheckResult } from '../../checks/run-checks.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import { type PackedCheck, packChecks, unpackChecks } from '../../verify/pack-checks.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { Attempt } from '../attempt.ts'

/** Stores the names of the tests that ran at the base commit, for which events have no room. */
export interface BaselineNames {
  readonly readReport: ReadReport
  /** Stores what ran before any change, for this and later attempts. */
  keep(ran: BaselineRuns): Promise<void>
  /** Adds to results what else is known of their runs, such as the names of tests. */
  of(results: readonly CheckResult[]): Promise<readonly NamedCheck[]>
  /** The commands that installed the dependencies; empty if an older version of Backspace stored the run. */
  setup(): Promise<readonly NamedCheck[]>
}

export interface BaselineRuns {
  readonly checks: readonly NamedCheck[]
  readonly setup: readonly NamedCheck[]
}

/** An entry of the stored list. Checks come first, since older versions of Backspace read those and know no setup. */
interface KeptRun extends PackedCheck {
  readonly isSetup?: true | undefined
}

const NAME = 'baseline:tests'

export function createBaselineNames(
  effects: Pick<EffectStore, 'keep' | 'result'>,
  { run, number }: Pick<Attempt, 'run' | 'number'>,
  readReport: ReadReport,
): BaselineNames {
  let known: Promise<BaselineRuns> | undefined

  async function load(): Promise<BaselineRuns> {
    // A run that continues in the sandbox of its parent run has the baseline of that run.
    for (const runId of [run.id, run.request.parentRunId]) {
      const kept = runId === undefined ? undefined : await effects.result({ runId, name: NAME })
      // The only writer is `keep`.
      if (kept === undefined) continue
      const all = kept as readonly KeptRun[]
      const [checks, setup] = await Promise.all([
        unpackChecks(all.filter(({ isSetup }) => isSetup !== true)),
        unpackChecks(all.filter(({ isSetup }) => isSetup === true)),
      ])
      return { checks, setup }
    }
    return { checks: [], setup: [] }
  }

  return {
    readReport,
    async keep(ran) {
      known = Promise.resolve(ran)
      const [checks, setup] = await Promise.all([packChecks(ran.checks), packChecks(ran.setup)])
      const result: readonly KeptRun[] = [
        ...checks,
        ...setup.map((one) => ({ ...one, isSetup: true }) as const),
      ]
      await effects.keep({ runId: run.id, attempt: number, name: NAME, result })
    },
    async of(results) {
      known ??= load()
      const { checks } = await known
      return results.map((result) => {
        const found = checks.find((check) => check.result.command === result.command)
        return found?.result.exitCode === result.exitCode ? { ...found, result } : { result }
      })
    },
    async setup() {
      known ??= load()
      return (await known).setup
    },
  }
}
