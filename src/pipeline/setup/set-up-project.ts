import { type CommandLimits, limitCommands, type OperatorMinutes } from '../../checks/command-limits.ts'
import { detectChecks, detectSetup } from '../../checks/plans/detect.ts'
import type { Plan } from '../../checks/plans/plan.ts'
import { readProject } from '../../checks/project.ts'
import { readRepoSettings } from '../../checks/repo-settings.ts'
import type { CheckResult, CommandRun } from '../../checks/run-checks.ts'
import { runSetup } from '../../checks/run-setup.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { boundLog } from './bound-log.ts'

/** How the installation of the dependencies went. */
export interface SetupFacts {
  /** One line on how dependencies were installed, or why not. */
  readonly setup: string
  readonly setupFailed: boolean
}

/** What is known about the repository before the agent starts. */
export interface ProjectFacts extends SetupFacts {
  /** The repository's own checks; decided at the base commit, so that no change can switch them off. */
  readonly checks: readonly string[]
  /** Decided with the checks. */
  readonly limits: CommandLimits
  /** What the checks said about the untouched code. */
  readonly baseline: readonly CheckResult[]
}

interface SetupParts {
  readonly journal: Pick<Journal, 'step' | 'notice' | 'emit'>
  readonly attempt: Pick<Attempt, 'signal' | 'leftMs'>
}

/** What the operator allows the commands of a repository. */
export interface AllowedCommands {
  readonly minutes: OperatorMinutes
  /** Minutes of the run. */
  readonly runMinutes: number
  /** Hosts that they may reach. */
  readonly egressHosts: readonly string[]
}

/** Installs dependencies, and decides which checks will run. A failed installation is a fact here, not an error. */
export async function setUpProject(
  workspace: Workspace,
  allowed: AllowedCommands,
  { journal, attempt }: SetupParts,
): Promise<Omit<ProjectFacts, 'baseline'>> {
  const { sandbox, path } = workspace
  const files = await readProject(sandbox, { workspace: path, signal: attempt.signal })
  const [setupPlan, checksPlan] = await Promise.all([detectSetup(files), detectChecks(files)])
  const { minutes: wanted = {} } = await readRepoSettings(files)
  const { limits, problems } = limitCommands(allowed.minutes, { wanted, runMinutes: allowed.runMinutes })
  for (const problem of new Set([setupPlan.problem, checksPlan.problem, ...problems])) {
    if (problem !== undefined) journal.notice('warning', problem)
  }
  const { egressHosts } = allowed
  const request = { plan: setupPlan, limits, egressHosts }
  const { setup, setupFailed } = await install(workspace, request, { journal, attempt })
  return { setup, setupFailed, checks: checksPlan.commands, limits }
}

/** Installs dependencies in another sandbox of the same run. */
export async function setUpAgain(
  workspace: Workspace,
  { limits, egressHosts }: Pick<ProjectFacts, 'limits'> & Pick<AllowedCommands, 'egressHosts'>,
  { journal, attempt }: SetupParts,
): Promise<SetupFacts> {
  const files = await readProject(workspace.sandbox, { workspace: workspace.path, signal: attempt.signal })
  const plan = await detectSetup(files)
  return install(workspace, { plan, limits, egressHosts }, { journal, attempt })
}

function install(
  { sandbox, path: workspace }: Workspace,
  {
    plan,
    limits,
    egressHosts,
  }: { readonly plan: Plan; readonly limits: CommandLimits; readonly egressHosts: readonly string[] },
  { journal, attempt: { signal, leftMs } }: SetupParts,
): Promise<SetupFacts> {
  return journal.step('setup', 'Installing dependencies', async () => {
    // An attempt with little time left must not spend all of it here.
    const timeoutMs = Math.min(limits.setupMs, leftMs() / 2)
    const request = { workspace, plan, signal, timeoutMs, egressHosts }
    const { status, message, results } = await runSetup(sandbox, request)
    const setupFailed = status === 'failed'
    journal.emit({
      type: 'setup.finished',
      results: results.map((result) => logged(result, results.length)),
      reason: setupFailed ? message : undefined,
      limits,
    })
    return { value: { setup: message, setupFailed }, message, status }
  })
}

/** Of all commands together, in characters. */
const MOST_LOG = 192 * 1024

function logged({ command, exitCode, durationMs, output }: CommandRun, commands: number) {
  return { command, exitCode, durationMs, output: boundLog(output, MOST_LOG / commands) }
}

/** Of runs that an older version set up: they have no such event. */
const LIMITS_OF_OLDER_RUNS: CommandLimits = {
  setupMs: 5 * 60_000,
  checkMs: 10 * 60_000,
  checksMs: 20 * 60_000,
}

/** What an earlier attempt found out, from its events; undefined when it did not get that far. */
export function earlierProjectFacts(events: readonly RunEvent[]): ProjectFacts | undefined {
  const finished = events.filter((event) => event.type === 'step.finished')
  const setup = finished.findLast(({ step }) => step === 'setup')
  const before = events.findLast((event) => event.type === 'checks.finished' && event.phase === 'before')
  const hasBaseline = finished.some(({ step, status }) => step === 'baseline' && status !== 'failed')
  if (!setup || !hasBaseline || before?.type !== 'checks.finished') return undefined
  const decided = events.findLast((event) => event.type === 'setup.finished')?.limits
  return {
    setup: setup.message,
    setupFailed: setup.status === 'failed',
    checks: before.results.map(({ command }) => command),
    limits: decided ?? LIMITS_OF_OLDER_RUNS,
    baseline: before.results,
  }
}
