import { type CommandLimits, limitCommands, type OperatorMinutes } from '../../checks/command-limits.ts'
import { detectChecks, detectSetup } from '../../checks/plans/detect.ts'
import type { Plan } from '../../checks/plans/plan.ts'
import { setupReadsSource } from '../../checks/plans/reads-source.ts'
import { type Project, readProject } from '../../checks/project.ts'
import { readRepoSettings } from '../../checks/repo-settings.ts'
import type { CheckResult, CommandRun } from '../../checks/run-checks.ts'
import { runSetup } from '../../checks/run-setup.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import type { SetupEntry } from '../../setup-cache/setup-cache-store.ts'
import { durationText } from '../../text/amounts.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { boundLog } from './bound-log.ts'
import type { MadeSetup } from './reuse-setup.ts'

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

/** What was done to install the dependencies. */
interface DoneSetup {
  readonly facts: SetupFacts
  readonly made: MadeSetup
}

interface SetupParts {
  /** What the sandbox began with. */
  readonly cached: SetupEntry | undefined
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
  { cached, journal, attempt }: SetupParts,
): Promise<{ readonly facts: Omit<ProjectFacts, 'baseline'>; readonly made: MadeSetup }> {
  const { sandbox, path } = workspace
  const files = await readProject(sandbox, { workspace: path, signal: attempt.signal })
  const [setupPlan, checksPlan] = await Promise.all([detectSetup(files), detectChecks(files)])
  const { minutes: wanted = {} } = await readRepoSettings(files)
  const { limits, problems } = limitCommands(allowed.minutes, { wanted, runMinutes: allowed.runMinutes })
  for (const problem of new Set([setupPlan.problem, checksPlan.problem, ...problems])) {
    if (problem !== undefined) journal.notice('warning', problem)
  }
  const { egressHosts } = allowed
  const wantedSetup = { files, plan: setupPlan, limits, egressHosts }
  const { facts, made } = await install(workspace, wantedSetup, { cached, journal, attempt })
  return { facts: { ...facts, checks: checksPlan.commands, limits }, made }
}

/** Installs dependencies in another sandbox of the same run. */
export async function setUpAgain(
  workspace: Workspace,
  { limits, egressHosts }: Pick<ProjectFacts, 'limits'> & Pick<AllowedCommands, 'egressHosts'>,
  { cached, journal, attempt }: SetupParts,
): Promise<SetupFacts> {
  const { sandbox, path } = workspace
  const files = await readProject(sandbox, { workspace: path, signal: attempt.signal })
  const wanted = { files, plan: await detectSetup(files), limits, egressHosts }
  return (await install(workspace, wanted, { cached, journal, attempt })).facts
}

interface WantedSetup extends Pick<AllowedCommands, 'egressHosts'> {
  readonly files: Project
  readonly plan: Plan
  readonly limits: CommandLimits
}

function install(
  { sandbox, path: workspace, base }: Workspace,
  { files, plan, limits, egressHosts }: WantedSetup,
  { cached, journal, attempt: { signal, leftMs } }: SetupParts,
): Promise<DoneSetup> {
  return journal.step('setup', 'Installing dependencies', async () => {
    if (cached && (await fits(cached, { files, plan, tree: base.tree }))) {
      const message = `Dependencies came from the setup cache, which saved ${saved(cached)}`
      journal.emit({ type: 'setup.finished', results: [], reason: undefined, limits })
      return { value: { facts: { setup: message, setupFailed: false }, made: NOTHING_MADE }, message }
    }
    // An attempt with little time left must not spend all of it here.
    const timeoutMs = Math.min(limits.setupMs, leftMs() / 2)
    const request = { workspace, plan, signal, timeoutMs, egressHosts }
    const { status, message: said, results } = await runSetup(sandbox, request)
    const setupFailed = status === 'failed'
    const message = cached && status === 'ok' ? `${said}, beginning with the setup cache` : said
    journal.emit({
      type: 'setup.finished',
      results: results.map((result) => logged(result, results.length)),
      reason: setupFailed ? message : undefined,
      limits,
    })
    const tookMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0)
    const made = status === 'ok' ? { commands: plan.commands, tookMs } : NOTHING_MADE
    return { value: { facts: { setup: message, setupFailed }, made }, message, status }
  })
}

const NOTHING_MADE: MadeSetup = { commands: [], tookMs: 0 }

/** Whether what is there is what the commands would make. */
async function fits(
  cached: SetupEntry,
  { files, plan, tree }: { readonly files: Project; readonly plan: Plan; readonly tree: string },
): Promise<boolean> {
  const same =
    cached.commands.length === plan.commands.length &&
    cached.commands.every((command, index) => command === plan.commands[index])
  return same && (cached.tree === tree || !(await setupReadsSource(files, plan.commands)))
}

function saved({ setupMs, commands }: SetupEntry): string {
  return `${durationText(setupMs)} (${commands.map((command) => `\`${command}\``).join(', ')})`
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
