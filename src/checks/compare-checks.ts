import type { Sandbox } from '../sandbox/sandbox.ts'
import { durationText } from '../text/amounts.ts'
import {
  type CheckCause,
  type CheckEnding,
  checkAdvice,
  checkEnding,
  checkText,
} from '../text/check-ending.ts'
import { inlineCode } from '../text/markdown/fenced.ts'
import { type CheckResult, type RunChecksRequest, runProjectCommand } from './run-checks.ts'

/**
 * What a check says about a change:
 * - `flaky`: failed, then passed on the same files.
 * - `passes`: exit code 0 now. `fixed`: exit code 0 now, and it failed before.
 * - `newly_failing`: fails now, and passed or did not run before; or it can no longer run or end.
 * - `still_failing`: fails now as before.
 * - `no_proof`: it could not run, did not end or was not started, now or before; says nothing about the change.
 * - `not_run`: ran before, not now.
 */
type Verdict = 'flaky' | 'passes' | 'fixed' | 'newly_failing' | 'still_failing' | 'no_proof' | 'not_run'

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
    const verdict = later === undefined ? 'not_run' : verdictOfResults(earlier, later)
    return { command, verdict, before: earlier, after: later }
  })
}

/** True unless something fails that did not fail before. */
export function nothingNewlyFails(checks: readonly ComparedCheck[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'newly_failing')
}

/**
 * False when the checks leave open whether the change is sound: one of them newly fails, gave no result that can be
 * compared, or none of them could run. A check that cannot run here, beside others that can, leaves nothing more open than
 * a check that does not exist.
 */
export function areConclusive(checks: readonly ComparedCheck[]): boolean {
  if (!nothingNewlyFails(checks)) return false
  const unproven = checks.filter(({ verdict }) => verdict === 'no_proof')
  return (
    (unproven.length === 0 || unproven.length < checks.length) &&
    unproven.every(({ after }) => after !== undefined && checkEnding(after) === 'cannot_run')
  )
}

/** The verdict by the endings of both runs alone. `before` is undefined for a check that did not run before. */
export function verdictOfResults(
  before: CheckResult | undefined,
  after: CheckResult,
): Exclude<Verdict, 'not_run'> {
  const was = before === undefined ? undefined : checkEnding(before)
  const ran = was === 'passed' || was === 'flaky' || was === 'failed'
  switch (checkEnding(after)) {
    case 'flaky':
      return 'flaky'
    case 'passed':
      return was === 'failed' ? 'fixed' : 'passes'
    case 'failed':
      if (was === 'failed') return 'still_failing'
      return ran || was === undefined ? 'newly_failing' : 'no_proof'
    case 'cannot_run':
      return ran ? 'newly_failing' : 'no_proof'
    case 'did_not_end':
      return was === 'passed' || was === 'flaky' ? 'newly_failing' : 'no_proof'
    case 'not_started':
      return 'no_proof'
  }
}

/** Sentences for people about each check without a result of its own: why there is none, and what to do. */
export function explainCauses(checks: readonly ComparedCheck[]): readonly string[] {
  return checks.flatMap(({ command, verdict, before, after }) => {
    const name = inlineCode(command, 80)
    const [now, was] = [after && causeOf(after), before && causeOf(before)]
    if (now !== undefined && verdict === 'newly_failing') {
      const earlier = before === undefined ? 'was not run' : pastText(before)
      return [`${name} ${now.text}. Before this change it ${earlier}.`]
    }
    if (verdict !== 'no_proof') return []
    if (after && now?.kind === 'did_not_end' && was?.kind === 'did_not_end') {
      const again = `Nor did it end on the change, where it had ${durationText(after.durationMs)}.`
      return [`${name} ${was.text}. ${again} It proves nothing about this change. ${checkAdvice(now.kind)}`]
    }
    if (now !== undefined) {
      return [`${name} ${now.text}. It proves nothing about this change. ${checkAdvice(now.kind)}`]
    }
    return was === undefined
      ? []
      : [
          `${name} fails, and before this change it ${was.text}. So it does not show what the change did. ${checkAdvice(was.kind)}`,
        ]
  })
}

/** Why a check has no result. Stored results of older versions have no `cause`, so one is derived from the ending. */
function causeOf(result: CheckResult): CheckCause | undefined {
  const ending = checkEnding(result)
  if (ending === 'passed' || ending === 'flaky' || ending === 'failed') return undefined
  return result.cause ?? { kind: ending, text: WITHOUT_CAUSE[ending] }
}

const WITHOUT_CAUSE: Readonly<Record<Exclude<CheckEnding, 'passed' | 'flaky' | 'failed'>, string>> = {
  cannot_run: 'could not run because its program is not installed',
  did_not_end: 'did not end within its time limit',
  not_started: 'was not started',
}

function pastText(result: CheckResult): string {
  return result.exitCode === 0 ? `passed in ${durationText(result.durationMs)}` : checkText(result)
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
  const was =
    before === undefined
      ? 'not run before'
      : causeOf(before) === undefined
        ? `exit code ${before.exitCode} before`
        : `before: ${checkText(before)}`
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
    case 'no_proof':
      return `SKIP ${command}: ${ending(after)} (${was}); it says nothing about this change`
    case 'not_run':
      return `SKIP ${command}: not run (${was})`
  }
}

function ending(result: CheckResult | undefined): string {
  return result === undefined || causeOf(result) === undefined
    ? `exit code ${result?.exitCode}`
    : checkText(result)
}

function outputOf({ command, after }: ComparedCheck): string {
  return `Output of ${command}:\n${after?.tail || '(none)'}`
}

/** A check that took longer does not run a second time. */
const MAX_DURATION_MS = 2 * 60_000

interface ConfirmFailuresRequest extends Pick<RunChecksRequest, 'workspace' | 'signal' | 'togetherMs'> {
  readonly before: readonly CheckResult[]
  readonly after: readonly CheckResult[]
}

/**
 * Runs newly failing checks once more on the same files, so that flaky checks do not count against the change, and are
 * reported as flaky. A check that could not run or did not end does not run again.
 *
 * @returns `after`, with `failedFirst` where the second run passed.
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function confirmFailures(
  sandbox: Sandbox,
  { workspace, before, after, signal, togetherMs }: ConfirmFailuresRequest,
): Promise<readonly CheckResult[]> {
  const endsAt = performance.now() + togetherMs
  const suspects = new Set(
    compareChecks(before, after).flatMap(({ verdict, command }) =>
      verdict === 'newly_failing' ? [command] : [],
    ),
  )
  const confirmed: CheckResult[] = []
  for (const result of after) {
    const { command, exitCode, durationMs } = result
    const timeoutMs = Math.round(Math.min(2 * MAX_DURATION_MS, endsAt - performance.now()))
    const isWorthIt = causeOf(result) === undefined && durationMs <= Math.min(MAX_DURATION_MS, timeoutMs)
    if (!suspects.has(command) || !isWorthIt) {
      confirmed.push(result)
      continue
    }
    const { output: _, ...second } = await runProjectCommand(sandbox, command, {
      workspace,
      timeoutMs,
      signal,
    })
    confirmed.push(second.exitCode === 0 ? { ...second, failedFirst: exitCode } : result)
  }
  return confirmed
}
