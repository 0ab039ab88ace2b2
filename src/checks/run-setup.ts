import type { RefusedHost, Sandbox } from '../sandbox/sandbox.ts'
import type { Plan } from './plans/plan.ts'
import { type CommandRun, runProjectCommand } from './run-checks.ts'

export interface SetupReport {
  readonly status: 'ok' | 'failed' | 'skipped'
  /** One line for people and for the agent. */
  readonly message: string
  /** Of the commands that ran; if setup failed, the last one failed. */
  readonly results: readonly CommandRun[]
}

export interface RunSetupRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly plan: Plan
  readonly signal: AbortSignal
  /** For all commands together. */
  readonly timeoutMs: number
}

/**
 * Installs the repository's dependencies. If that fails, the report says so, and the run continues without them.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runSetup(sandbox: Sandbox, request: RunSetupRequest): Promise<SetupReport> {
  const { plan, workspace, signal, timeoutMs } = request
  if (plan.commands.length === 0) {
    return { status: 'skipped', message: 'No dependencies to install', results: [] }
  }
  const deadline = performance.now() + timeoutMs
  const refusedBefore = sandbox.refusedHosts?.().length ?? 0
  const results: CommandRun[] = []
  for (const command of plan.commands) {
    const left = Math.max(1000, Math.round(deadline - performance.now()))
    const result = await runProjectCommand(sandbox, command, { workspace, timeoutMs: left, signal })
    results.push(result)
    if (result.exitCode !== 0) {
      const refused = sandbox.refusedHosts?.().slice(refusedBefore) ?? []
      return { status: 'failed', message: failure(result, refused), results }
    }
  }
  const seconds = results.reduce((sum, result) => sum + result.durationMs, 0) / 1000
  const commands = plan.commands.map((command) => `\`${command}\``).join(', ')
  return {
    status: 'ok',
    message: `Installed dependencies with ${commands} in ${seconds.toFixed(1)} s`,
    results,
  }
}

function failure({ command, exitCode, tail }: CommandRun, refused: readonly RefusedHost[]): string {
  const lines = tail
    .split('\n')
    .filter((line) => line.trim() !== '' && !/complete log of this run/i.test(line))
  const reason = lines.findLast((line) => /error|not found|fail|denied|cannot/i.test(line)) ?? lines.at(-1)
  const why = `exit code ${exitCode}${reason === undefined ? '' : `: ${reason.trim().slice(0, 200)}`}`
  const what = `Dependencies are not installed: \`${command}\``
  return refused.length === 0 ? `${what} ended with ${why}` : `${what} ${unreachable(refused)} (${why})`
}

/** `not_listed` comes first: the operator can extend that list. */
function unreachable(refused: readonly RefusedHost[]): string {
  const [first] = (['not_listed', 'not_https', 'other_name', 'no_address', 'no_answer'] as const).flatMap(
    (reason) => {
      const hosts = refused.filter((host) => host.reason === reason).map(({ host }) => `\`${host}\``)
      return hosts.length === 0 ? [] : [{ reason, hosts }]
    },
  )
  if (first === undefined) return ''
  const { reason, hosts } = first
  const some = hosts.length > 5 ? [...hosts.slice(0, 5), `${hosts.length - 5} more`] : hosts
  const they = hosts.length === 1 ? 'it' : 'they'
  const be = hosts.length === 1 ? 'is' : 'are'
  const why = {
    not_listed: `${they} ${be} not in BACKSPACE_EGRESS`,
    no_address: `${they} ${hosts.length === 1 ? 'has' : 'have'} no public address`,
    no_answer: `${they} did not answer`,
    not_https: `${they} ${be} reached by https only`,
    other_name: `${they} ${hosts.length === 1 ? 'was' : 'were'} asked for inside a connection to another host`,
  }[reason]
  return `could not reach ${some.join(', ')}: ${why}`
}
