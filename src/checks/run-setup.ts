import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Plan } from './plans/plan.ts'
import { type CheckResult, runCommand } from './run-command.ts'

export interface SetupReport {
  readonly status: 'ok' | 'failed' | 'skipped'
  /** One line for people and for the agent. */
  readonly message: string
  /** What was run; the last one is the one that failed, if any did. */
  readonly results: readonly CheckResult[]
}

export interface RunSetupRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly plan: Plan
  readonly signal: AbortSignal
  /** Of all commands together; default 5 minutes. */
  readonly timeoutMs?: number
}

/**
 * Installs the repository's dependencies. A failure is recorded and shown, and the run goes on without them.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function runSetup(sandbox: Sandbox, request: RunSetupRequest): Promise<SetupReport> {
  const { plan, workspace, signal, timeoutMs = 5 * 60_000 } = request
  if (plan.commands.length === 0) {
    return { status: 'skipped', message: 'No dependencies to install', results: [] }
  }
  const deadline = performance.now() + timeoutMs
  const results: CheckResult[] = []
  for (const command of plan.commands) {
    const left = Math.max(1000, Math.round(deadline - performance.now()))
    const result = await runCommand(sandbox, command, { workspace, timeoutMs: left, signal })
    results.push(result)
    if (result.exitCode !== 0) return { status: 'failed', message: failure(result), results }
  }
  const seconds = results.reduce((sum, result) => sum + result.durationMs, 0) / 1000
  const commands = plan.commands.map((command) => `\`${command}\``).join(', ')
  return {
    status: 'ok',
    message: `Installed dependencies with ${commands} in ${seconds.toFixed(1)} s`,
    results,
  }
}

function failure({ command, exitCode, tail }: CheckResult): string {
  const lines = tail.split('\n').filter((line) => line.trim() !== '')
  const told = lines.findLast((line) => /error|not found|fail|denied|cannot/i.test(line)) ?? lines.at(-1)
  const why = told === undefined ? '' : `: ${told.trim().slice(0, 200)}`
  return `Dependencies are not installed: \`${command}\` ended with exit code ${exitCode}${why}`
}
