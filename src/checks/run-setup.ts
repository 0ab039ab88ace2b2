import { HIDDEN_NAME, type RefusedHost } from '../sandbox/refused-host.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { durationText } from '../text/amounts.ts'
import { inlineCode } from '../text/markdown/fenced.ts'
import { FOLLOWS_NETWORK, findCause } from './causes/find-cause.ts'
import { egressLine } from './causes/find-unreached.ts'
import type { Plan } from './plans/plan.ts'
import { type CommandRun, runProjectCommand } from './run-checks.ts'

export interface SetupReport {
  readonly status: 'ok' | 'failed' | 'skipped'
  /** Sentences for people and the agent, safe as Markdown: what was installed, or what failed, why, and what to do. */
  readonly message: string
  /** Results of the commands that ran. If setup failed, the last one is the command that failed. */
  readonly results: readonly CommandRun[]
}

export interface RunSetupRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly plan: Plan
  readonly signal: AbortSignal
  /** Milliseconds for all commands together. */
  readonly timeoutMs: number
  /** Hosts that code in the sandbox may reach. */
  readonly egressHosts: readonly string[]
  /** The start of the sentence about a failed command; default: `Dependencies are not installed`. */
  readonly failure?: string | undefined
}

/**
 * Installs the repository's dependencies. If that fails, the report says so, and the run continues without them.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runSetup(sandbox: Sandbox, request: RunSetupRequest): Promise<SetupReport> {
  const { plan, workspace, signal, timeoutMs, egressHosts } = request
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
      return {
        status: 'failed',
        message: explainFailure(result, { refused, egressHosts, failure: request.failure }),
        results,
      }
    }
  }
  const tookMs = results.reduce((sum, result) => sum + result.durationMs, 0)
  const commands = plan.commands.map((command) => `\`${command}\``).join(', ')
  return {
    status: 'ok',
    message: `Installed dependencies with ${commands} in ${durationText(tookMs)}`,
    results,
  }
}

interface Surroundings {
  /** Hosts that the sandbox refused while the commands ran. */
  readonly refused: readonly RefusedHost[]
  readonly egressHosts: readonly string[]
  readonly failure: string | undefined
}

function explainFailure(
  { command, exitCode, output, cause: ending }: CommandRun,
  { refused, egressHosts, failure = 'Dependencies are not installed' }: Surroundings,
): string {
  const what = `${failure}: ${inlineCode(command, 100)}`
  const hosts = unreachable(refused)
  const meanwhile = hosts === '' ? '' : ` Meanwhile it ${hosts}`
  if (ending?.kind === 'did_not_end') return `${what} ${ending.text}.${meanwhile} ${MORE_TIME}`
  const { kind, text, advice } = findCause({ exitCode, output, egressHosts })
  const failed = `${what} failed (exit code ${exitCode})`
  // Tools seldom say that they could not reach a host.
  if (hosts !== '' && FOLLOWS_NETWORK.has(kind)) return `${failed}: it ${hosts}`
  return [`${failed}: ${text}.${meanwhile}`, advice].filter((part) => part !== '').join(' ')
}

const MORE_TIME =
  'Set `setup:` in `.github/backspace.yml` to commands that end, or `setup-minutes:` if they need longer.'

/** The rest of a sentence, `could not reach …`; empty if no host was refused. */
function unreachable(refused: readonly RefusedHost[]): string {
  const [first] = REASONS.flatMap((reason) => {
    const hosts = refused.filter((host) => host.reason === reason).map(({ host }) => host)
    return hosts.length === 0 ? [] : [{ reason, hosts: [...new Set(hosts)] }]
  })
  if (first === undefined) return ''
  const { reason, hosts } = first
  const shown = hosts.slice(0, 5).map((host) => inlineCode(host, 100))
  const some = hosts.length > 5 ? [...shown, `${hosts.length - 5} more`] : shown
  const they = hosts.length === 1 ? 'it' : 'they'
  const be = hosts.length === 1 ? 'is' : 'are'
  const why = {
    not_listed: `${they} ${be} not in BACKSPACE_EGRESS. ${egressLine(hosts.slice(0, 5))}`,
    no_address: `${they} ${hosts.length === 1 ? 'has' : 'have'} no public address.`,
    no_answer: `${they} did not answer.`,
    not_https: `${they} ${be} reached by https only.`,
    other_name: `${they} ${hosts.length === 1 ? 'was' : 'were'} asked for inside a connection to another host.`,
    hidden_name: `${HIDDEN_NAME} ${INSTEAD}`,
  }[reason]
  return `could not reach ${some.join(', ')}: ${why}`
}

const INSTEAD = 'Set `setup:` in `.github/backspace.yml` to another package manager, or use E2B.'

/** Reasons in the order in which they are reported. `not_listed` comes first, since the operator can extend that list. */
const REASONS = ['not_listed', 'hidden_name', 'not_https', 'other_name', 'no_address', 'no_answer'] as const
