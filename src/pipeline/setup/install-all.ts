import type { RepoEnvironment } from '../../checks/environment/environment.ts'
import type { EnvironmentPlan } from '../../checks/environment/plan-environment.ts'
import type { Plan } from '../../checks/plans/plan.ts'
import { setupReadsSource } from '../../checks/plans/reads-source.ts'
import type { Project } from '../../checks/project.ts'
import type { CommandRun } from '../../checks/run-checks.ts'
import { type RunSetupRequest, runSetup, type SetupReport } from '../../checks/run-setup.ts'
import { hostsOf } from '../../sandbox/sandbox.ts'
import { digestOutput } from '../../verify/output-digest.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { Workspace } from '../workspace/workspace.ts'

const NO_SETUP: Plan = { commands: [], source: '' }
/** The least time that an installation gets, in milliseconds. */
const LEAST_MS = 1000

/** What is installed, in order. */
export interface Installation {
  readonly setup: readonly Plan[]
  /** Commands of a dev container. */
  readonly containerSetup?: Plan | undefined
  readonly environment: Pick<RepoEnvironment, 'egress'>
}

/**
 * Installs the dependencies of one project after another, even if one of them fails. The commands of a dev container come
 * last: they often need the container, and the detected dependencies are installed by then.
 */
export async function installAll(
  { sandbox, path: workspace }: Pick<Workspace, 'sandbox' | 'path'>,
  { setup, containerSetup = NO_SETUP, environment }: Installation,
  { signal, timeoutMs }: Pick<RunSetupRequest, 'signal' | 'timeoutMs'>,
): Promise<SetupReport> {
  const endsAt = performance.now() + timeoutMs
  const egressHosts = hostsOf(environment.egress)
  const plans = [...setup, containerSetup].filter(({ commands }) => commands.length > 0)
  const reports: SetupReport[] = []
  for (const [index, plan] of plans.entries()) {
    const leftMs = Math.max(LEAST_MS, endsAt - performance.now())
    // Leaves time for the other projects in case this one does not end.
    const others = plans.length - 1 - index
    const mine = others === 0 ? leftMs : Math.max(LEAST_MS, leftMs * (1 - Math.min(others, 2) / 4))
    const isMore = plan === containerSetup && reports.some(({ status }) => status === 'ok')
    const failure = isMore ? 'A command of the dev container did not work here' : undefined
    reports.push(await runSetup(sandbox, { workspace, signal, egressHosts, plan, timeoutMs: mine, failure }))
  }
  const [first, ...more] = reports
  if (first === undefined) {
    return runSetup(sandbox, { workspace, signal, egressHosts, plan: NO_SETUP, timeoutMs })
  }
  if (more.length === 0) return first
  const isContainer = (index: number) => plans[index] === containerSetup
  const failed = reports.some(({ status }, index) => status === 'failed' && !isContainer(index))
  const isInstalled = reports.some(({ status }, index) => status === 'ok' && isContainer(index))
  return {
    status: failed && !isInstalled ? 'failed' : 'ok',
    message: messageOf(reports, plans),
    results: reports.flatMap(({ results }) => results),
  }
}

/** What a plan installs before the agent starts. */
export function installationOf({
  setup,
  repository,
  environment,
}: Pick<EnvironmentPlan, 'setup' | 'repository' | 'environment'>): Installation {
  return { setup, containerSetup: repository.containerSetup, environment }
}

/** The commands of an installation, in order. */
export function commandsOf({ setup, containerSetup = NO_SETUP }: Installation): readonly string[] {
  return [...setup, containerSetup].flatMap(({ commands }) => commands)
}

/** Runs setup for the current files of a workspace. */
export type SetUpAgain = () => Promise<readonly NamedCheck[]>

/**
 * Makes a function that repeats setup after the source of a workspace has changed, for setups that also build the source.
 *
 * @returns undefined if the setup commands only install dependencies.
 */
export async function setupForChange(
  workspace: Pick<Workspace, 'sandbox' | 'path'>,
  plan: Installation,
  { project, ...request }: Pick<RunSetupRequest, 'signal' | 'timeoutMs'> & { readonly project: Project },
): Promise<SetUpAgain | undefined> {
  const commands = commandsOf(plan)
  if (commands.length === 0 || !(await setupReadsSource(project, commands))) return undefined
  return async () => {
    const { results } = await installAll(workspace, plan, request)
    return ranOf(results)
  }
}

/** Makes a function that installs for the current files of a workspace, and returns whether everything worked. */
export function installerOf(...given: Parameters<typeof installAll>): () => Promise<boolean> {
  return async () => (await installAll(...given)).status !== 'failed'
}

/** Results as a receipt records them. */
export function ranOf(results: readonly CommandRun[]): readonly NamedCheck[] {
  return results.map(({ output, ...result }) => ({ result, log: digestOutput(output) }))
}

function messageOf(reports: readonly SetupReport[], plans: readonly Plan[]): string {
  return reports
    .map(({ message }, index) =>
      index === 0 ? message : `Then \`${plans[index]?.source ?? ''}\`: ${message}`,
    )
    .map((message) => message.replace(/\.$/, ''))
    .join('. ')
}
