import type { CheckResult } from './run-command.ts'

/**
 * - `flaky`: failed, then passed on the same files.
 * - `passes`: exit code 0 now. `fixed`: and it failed before.
 * - `newly_failing`: fails now and did not before, or nobody knows whether it did.
 * - `still_failing`: failed before with the same command too.
 * - `unavailable`: the program is not there (126, 127), now as before; says nothing about the change.
 * - `not_run`: ran before, not now.
 */
type Verdict = 'flaky' | 'passes' | 'fixed' | 'newly_failing' | 'still_failing' | 'unavailable' | 'not_run'

export interface ComparedCheck {
  readonly command: string
  readonly verdict: Verdict
  readonly before: CheckResult | undefined
  readonly after: CheckResult | undefined
}

/** Pairs the runs of the same commands before and after the change, in the order of the commands. */
export function compareChecks(
  before: readonly CheckResult[],
  after: readonly CheckResult[],
): readonly ComparedCheck[] {
  const commands = [...new Set([...before, ...after].map(({ command }) => command))]
  return commands.map((command) => {
    const earlier = before.find((result) => result.command === command)
    const later = after.find((result) => result.command === command)
    return { command, verdict: verdictOf(earlier, later), before: earlier, after: later }
  })
}

/** True unless something fails that did not fail before. */
export function nothingNewlyFails(checks: readonly ComparedCheck[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'newly_failing')
}

function verdictOf(before: CheckResult | undefined, after: CheckResult | undefined): Verdict {
  if (after === undefined) return 'not_run'
  if (after.failedFirst !== undefined) return 'flaky'
  if (after.exitCode === 0) return before === undefined || before.exitCode === 0 ? 'passes' : 'fixed'
  if (isMissing(after) && (before === undefined || isMissing(before))) return 'unavailable'
  return before === undefined || before.exitCode === 0 ? 'newly_failing' : 'still_failing'
}

function isMissing({ exitCode }: CheckResult): boolean {
  return exitCode === 126 || exitCode === 127
}
