import type { Sandbox } from '../sandbox/sandbox.ts'
import { type CheckResult, runProjectCommand } from './run-checks.ts'

/**
 * - `flaky`: failed, then passed on the same files.
 * - `passes`: exit code 0 now. `fixed`: exit code 0 now, another one before.
 * - `newly_failing`: fails now, and passed or was not run before.
 * - `still_failing`: fails now as before.
 * - `unavailable`: the program is not installed (126, 127), now as before; says nothing about the change.
 * - `not_run`: ran before, not now.
 */
type Verdict = 'flaky' | 'passes' | 'fixed' | 'newly_failing' | 'still_failing' | 'unavailable' | 'not_run'

export interface ComparedCheck {
  readonly command: string
  readonly verdict: Verdict
  readonly before: CheckResult | undefined
  readonly after: CheckResult | undefined
}

/** Pairs the results of each command before and after the change, in the order of the commands. */
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

interface CheckReport {
  /** False only when something fails that did not fail before. */
  readonly ok: boolean
  /** For the model: every command with its exit codes, and the output of newly failing ones. */
  readonly report: string
}

/** Tells the agent what its change did to the repository's checks, and what else looks wrong. */
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
    checks.length === 0
      ? 'This repository has no checks that Backspace can run.'
      : checks.map(lineOf).join('\n'),
    ...checks.filter(({ verdict }) => verdict === 'newly_failing').map(outputOf),
  ]
  if (warnings.length > 0) {
    sections.push(`Check these again:\n${warnings.map((warning) => `- ${warning}`).join('\n')}`)
  }
  return { ok: nothingNewlyFails(checks), report: sections.join('\n\n') }
}

function lineOf({ command, verdict, before, after }: ComparedCheck): string {
  const was = before === undefined ? 'not run before' : `exit code ${before.exitCode} before`
  switch (verdict) {
    case 'passes':
      return `PASS ${command}`
    case 'flaky':
      return `FLAKY ${command}: exit code ${after?.failedFirst}, then 0 on the same files (${was}); fix it if your change may be the cause`
    case 'fixed':
      return `PASS ${command} (${was})`
    case 'newly_failing':
      return `FAIL ${command}: ${ending(after)} (${was})`
    case 'still_failing':
      return `FAIL ${command}: ${ending(after)} (${was}; it does not count against this change)`
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

/** A check that takes longer is not run a second time. */
const MAX_DURATION_MS = 2 * 60_000

interface ConfirmFailuresRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly before: readonly CheckResult[]
  readonly after: readonly CheckResult[]
  readonly signal: AbortSignal
}

/**
 * Runs newly failing checks once more on the same files, so that a flaky check neither counts against the change nor
 * passes for a sound one.
 *
 * @returns `after`, with `failedFirst` where the second run passed.
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function confirmFailures(
  sandbox: Sandbox,
  { workspace, before, after, signal }: ConfirmFailuresRequest,
): Promise<readonly CheckResult[]> {
  const suspects = new Set(
    compareChecks(before, after).flatMap(({ verdict, command }) =>
      verdict === 'newly_failing' ? [command] : [],
    ),
  )
  const confirmed: CheckResult[] = []
  for (const result of after) {
    const { command, exitCode, durationMs } = result
    if (!suspects.has(command) || durationMs > MAX_DURATION_MS) {
      confirmed.push(result)
      continue
    }
    const second = await runProjectCommand(sandbox, command, {
      workspace,
      timeoutMs: 2 * MAX_DURATION_MS,
      signal,
    })
    confirmed.push(second.exitCode === 0 ? { ...second, failedFirst: exitCode } : result)
  }
  return confirmed
}
