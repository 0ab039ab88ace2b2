import { type CommandLimits, limitCommands } from '../../checks/command-limits.ts'
import { inEnvironment, type RepoEnvironment } from '../../checks/environment/environment.ts'
import { type EnvironmentPlan, planEnvironment } from '../../checks/environment/plan-environment.ts'
import { affectedProjects } from '../../checks/plans/affected-projects.ts'
import { detectRepository } from '../../checks/plans/detect-repository.ts'
import {
  checksOf,
  type ProjectPlan,
  type RepositoryPlan,
  setupOf,
  type UncheckedPart,
} from '../../checks/plans/plan.ts'
import { type Project, readProject } from '../../checks/project.ts'
import { readRepoSettings } from '../../checks/repo-settings.ts'
import type { CheckResult, CommandRun } from '../../checks/run-checks.ts'
import type { SetupReport } from '../../checks/run-setup.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { withCommands } from '../../runs/summary/sentences.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import { withBaseSettings } from '../../verify/with-base-settings.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import type { BuiltWorkspace } from '../workspace/build-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { loggedCommand } from './bound-log.ts'
import { bringMaven } from './bring-maven.ts'
import { cacheOf, cacheText, fits, savedText, variablesId } from './cached-setup.ts'
import {
  commandsOf,
  installAll,
  installationOf,
  installerOf,
  ranOf,
  type SetUpAgain,
  setupForChange,
} from './install-all.ts'
import { placePrograms } from './place-programs.ts'
import type { RepositoryRules } from './repository-rules.ts'
import type { BegunWith, MadeSetup } from './reuse-setup.ts'

/** How the installation of the dependencies went. */
export interface SetupFacts {
  /** One line on how dependencies were installed, or why not. */
  readonly setup: string
  readonly setupFailed: boolean
}

/** What is known about the repository before the agent starts. */
export interface ProjectFacts extends SetupFacts {
  /** Commands of the repository's own checks. They are decided at the base commit, so that no change can switch them off. */
  readonly checks: readonly string[]
  /** All projects of the base commit, even those that are not checked before the agent; undefined after a takeover. */
  readonly repository?: RepositoryPlan | undefined
  /** Changed parts that no check covers; undefined unless setup was for a change. */
  readonly notChecked?: readonly UncheckedPart[] | undefined
  /** Time limits for commands, decided together with the checks. */
  readonly limits: CommandLimits
  /** Results of the checks on the untouched code. */
  readonly baseline: readonly CheckResult[]
}

export interface SetupParts {
  readonly begunWith: BegunWith | undefined
  readonly journal: Pick<Journal, 'step' | 'notice' | 'emit' | 'events'>
  readonly attempt: Pick<Attempt, 'signal' | 'leftMs'>
  readonly access: RepositoryAccess
  readonly rules: RepositoryRules
  /** Paths of a change. The projects that it reaches are set up as well, and their checks are added. */
  readonly reached?: readonly string[] | undefined
  /** True to find out, too, what would be done without the settings file. */
  readonly proposes?: boolean | undefined
  /** Files of a change that is in the workspace. Settings are read as they were before the change. */
  readonly change?: readonly VerifiedFile[] | undefined
}

interface SetUp {
  readonly facts: Omit<ProjectFacts, 'baseline'>
  readonly made: MadeSetup
  readonly repo: RepoEnvironment
  /** The files from which everything was read. */
  readonly files: Project
  /** The commands that ran, in order; empty if the setup came from the cache. */
  readonly ran: readonly NamedCheck[]
  /** Repeats setup for another source; see `setupForChange`. */
  readonly again: SetUpAgain | undefined
  readonly install: ReturnType<typeof installerOf>
}

/**
 * Reads what the base commit asks for, opens the hosts that it needs, and installs dependencies. A failure is no error but
 * a fact in the result.
 */
export async function setUpProject(workspace: BuiltWorkspace, parts: SetupParts): Promise<SetUp> {
  const { journal, attempt, access, rules } = parts
  const { sandbox, path } = workspace
  const { signal } = attempt
  const [project, owners] = await Promise.all([
    readProject(sandbox, { workspace: path, signal, scanned: workspace.next }),
    rules.readOwnerDefaults(access),
  ])
  const settled = withBaseSettings(project, parts.change ?? [])
  const planned = await planEnvironment(settled, {
    ...rules,
    defaults: owners?.settings,
    home: sandbox.home,
  })
  // Checks that only the change's own settings name run as well.
  const own = settled === project ? undefined : (await readRepoSettings(project)).checks
  const { commands, run: runMinutes } = rules.minutes
  const { limits, problems } = limitCommands(commands, { wanted: planned.minutes, runMinutes })
  const warnings = problems.map((message) => ({ level: 'warning', message }) as const)
  await sayOnce([...warnings, ...planned.notices], journal)
  await openMore(sandbox, planned.environment, rules)
  await placePrograms(sandbox, planned, signal)
  const { environment, notices } = await bringMaven(workspace, planned, signal)
  await sayOnce(notices, journal)
  const plan = { ...planned, environment }
  const place = { ...workspace, sandbox: inEnvironment(sandbox, plan.environment) }
  const { facts, made, results } = await installOnce(place, { project, plan, limits }, parts)
  const found = parts.proposes ? await detectRepository(settled) : undefined
  const repository = { ...plan.repository, found }
  const affected = parts.reached && affectedProjects(plan.repository, parts.reached)
  const more = affected?.projects.filter((one) => !plan.repository.baseline.includes(one)) ?? []
  const installed = await installMore(place, { more, plan, limits }, parts)
  const first = installationOf(plan)
  const whole = { ...first, setup: [...first.setup, ...setupOf(more)] }
  const again =
    parts.reached && (await setupForChange(place, whole, { project, signal, timeoutMs: limits.setupMs }))
  return {
    facts: {
      setup: [facts.setup, ...(installed === undefined ? [] : [installed.message])].join('. Then: '),
      setupFailed: facts.setupFailed || installed?.status === 'failed',
      checks: [...new Set([...plan.checks.commands, ...checksOf(more).commands, ...(own ?? [])])],
      repository,
      notChecked: affected?.notChecked,
      limits,
    },
    made,
    repo: plan.environment,
    files: project,
    again,
    install: installerOf(place, first, { signal, timeoutMs: limits.setupMs }),
    ran: ranOf([...results, ...(installed?.results ?? [])]),
  }
}

/** Emits notices that the run does not have yet, since a replaced sandbox reads the same files again. */
async function sayOnce(
  notices: EnvironmentPlan['notices'],
  journal: Pick<Journal, 'notice' | 'events'>,
): Promise<void> {
  if (notices.length === 0) return
  const events = await journal.events()
  const said = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))
  for (const { level, message } of notices) if (!said.includes(message)) journal.notice(level, message)
}

interface WantedSetup {
  readonly project: Project
  readonly plan: EnvironmentPlan
  readonly limits: CommandLimits
}

function installOnce(
  workspace: Workspace,
  { project, plan, limits }: WantedSetup,
  { begunWith, journal, attempt: { signal, leftMs } }: SetupParts,
): Promise<{
  readonly facts: SetupFacts
  readonly made: MadeSetup
  readonly results: readonly CommandRun[]
}> {
  const commands = commandsOf(installationOf(plan))
  const variables = variablesId(plan.environment)
  const starting = withCommands('Installing dependencies', commands)
  return journal.step('setup', starting, async () => {
    const cached = begunWith?.entry
    if (cached && (await fits(cached, { project, commands, variables, tree: workspace.base.tree }))) {
      const message = `Dependencies came from the setup cache, which saved ${savedText(cached)}`
      const cache = { result: 'hit', savedMs: cached.setupMs } as const
      journal.emit({ type: 'setup.finished', results: [], cache, limits })
      return {
        value: { facts: { setup: message, setupFailed: false }, made: NOTHING_MADE, results: [] },
        message,
      }
    }
    // An attempt with little time left must not spend all of it on setup.
    const timeoutMs = Math.min(limits.setupMs, leftMs() / 2)
    const {
      status,
      message: said,
      results,
    } = await installAll(workspace, installationOf(plan), { signal, timeoutMs })
    const setupFailed = status === 'failed'
    const message = status === 'ok' && begunWith ? `${said}; ${cacheText(begunWith)}` : said
    journal.emit({
      type: 'setup.finished',
      results: results.map((result) => loggedCommand(result, results.length)),
      reason: setupFailed ? message : undefined,
      cache: status === 'skipped' ? undefined : cacheOf(begunWith),
      limits,
    })
    const tookMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0)
    const isWhole = status === 'ok' && results.every(({ exitCode }) => exitCode === 0)
    const made = isWhole ? { commands, variables, tookMs } : NOTHING_MADE
    return { value: { facts: { setup: message, setupFailed }, made, results }, message, status }
  })
}

/** Installs the other projects that a change reaches. The setup cache holds only the projects that every run sets up. */
async function installMore(
  workspace: Workspace,
  {
    more,
    plan,
    limits,
  }: {
    readonly more: readonly ProjectPlan[]
    readonly plan: EnvironmentPlan
    readonly limits: CommandLimits
  },
  { attempt: { signal, leftMs } }: SetupParts,
): Promise<SetupReport | undefined> {
  const known = new Set(plan.setup.flatMap(({ commands }) => commands))
  const setup = setupOf(more).map((one) => ({
    ...one,
    commands: one.commands.filter((command) => !known.has(command)),
  }))
  if (setup.every(({ commands }) => commands.length === 0)) return undefined
  const timeoutMs = Math.min(limits.setupMs, leftMs() / 2)
  return installAll(workspace, { setup, environment: plan.environment }, { signal, timeoutMs })
}

const NOTHING_MADE: MadeSetup = { commands: [], variables: '', tookMs: 0 }

/** Opens the repository's own hosts. The sandbox has had only the operator's hosts since the clone. */
export async function openMore(
  sandbox: Sandbox,
  { egress }: Pick<RepoEnvironment, 'egress'>,
  { egress: { hosts } }: RepositoryRules,
): Promise<void> {
  const isMore = egress.allowHosts.length > hosts.length || (egress.publicHosts ?? []).length > 0
  if (isMore) await sandbox.setEgress(egress)
}
