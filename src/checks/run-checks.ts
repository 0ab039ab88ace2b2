import type { Sandbox } from '../sandbox/sandbox.ts'
import { type CheckResult, runCommand } from './run-command.ts'

/** Minutes that one check may take before it counts as failed with exit code 124. */
const CHECK_TIMEOUT_MS = 10 * 60_000

export interface RunChecksRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly commands: readonly string[]
  readonly signal: AbortSignal
  /** Of each command. */
  readonly timeoutMs?: number
  /** Stop after the first that fails; later ones have no result then. */
  readonly failFast?: boolean
}

/**
 * Runs the repository's checks one after another, on the host's order.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function runChecks(
  sandbox: Sandbox,
  request: RunChecksRequest,
): Promise<readonly CheckResult[]> {
  const { commands, failFast = false, timeoutMs = CHECK_TIMEOUT_MS, workspace, signal } = request
  const results: CheckResult[] = []
  for (const command of commands) {
    const result = await runCommand(sandbox, command, { workspace, timeoutMs, signal })
    results.push(result)
    if (failFast && result.exitCode !== 0) break
  }
  return results
}
