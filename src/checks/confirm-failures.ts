import type { Sandbox } from '../sandbox/sandbox.ts'
import { compareChecks } from './compare-checks.ts'
import { type CheckResult, runCommand } from './run-command.ts'

/** Milliseconds; what takes longer is not run twice. */
const MAX_DURATION_MS = 2 * 60_000

export interface ConfirmFailuresRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly before: readonly CheckResult[]
  readonly after: readonly CheckResult[]
  readonly signal: AbortSignal
}

/**
 * Runs what newly fails once more on the same files, so that a flaky check is neither held against the change nor
 * passed off as sound.
 *
 * @returns `after`, with `failedFirst` where the second run passed.
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
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
    const second = await runCommand(sandbox, command, { workspace, timeoutMs: 2 * MAX_DURATION_MS, signal })
    confirmed.push(second.exitCode === 0 ? { ...second, failedFirst: exitCode } : result)
  }
  return confirmed
}
