import { type ComparedCheck, compareChecks, nothingNewlyFails } from './compare-checks.ts'
import type { CheckResult } from './run-command.ts'

export interface CheckReport {
  /** False only when something fails that did not fail before. */
  readonly ok: boolean
  /** For the model: every command with its exit codes, and the output of what newly fails. */
  readonly report: string
}

/** Says to the agent what its change did to the repository's own checks, and what else looks wrong in it. */
export function checkReport({
  before,
  after,
  warnings,
}: {
  readonly before: readonly CheckResult[]
  readonly after: readonly CheckResult[]
  readonly warnings: readonly string[]
}): CheckReport {
  const checks = compareChecks(before, after)
  const sections = [
    checks.length === 0 ? 'This repository has no checks that could be run.' : checks.map(lineOf).join('\n'),
    ...checks.filter(({ verdict }) => verdict === 'newly_failing').map(outputOf),
    ...(warnings.length === 0
      ? []
      : [`Look at these again:\n${warnings.map((warning) => `- ${warning}`).join('\n')}`]),
  ]
  return { ok: nothingNewlyFails(checks), report: sections.join('\n\n') }
}

function lineOf({ command, verdict, before, after }: ComparedCheck): string {
  const was = before === undefined ? 'not run before' : `exit code ${before.exitCode} before`
  switch (verdict) {
    case 'passes':
      return `PASS ${command}`
    case 'flaky':
      return `FLAKY ${command}: exit code ${after?.failedFirst}, then 0 on the same files (${was}); mend it if your change can be why`
    case 'fixed':
      return `PASS ${command} (${was})`
    case 'newly_failing':
      return `FAIL ${command}: ${ending(after)} (${was})`
    case 'still_failing':
      return `FAIL ${command}: ${ending(after)} (${was}; not held against this change)`
    case 'unavailable':
      return `SKIP ${command}: the program is not installed here`
    case 'not_run':
      return `SKIP ${command}: not run (${was})`
  }
}

function ending(result: CheckResult | undefined): string {
  return result?.exitCode === 124 ? 'timed out (exit code 124)' : `exit code ${result?.exitCode}`
}

function outputOf({ command, after }: ComparedCheck): string {
  return `Output of ${command}:\n${after?.tail || '(none)'}`
}
