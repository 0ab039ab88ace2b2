import type { EnvironmentPlan } from '../../checks/environment/plan-environment.ts'
import { setupReadsSource } from '../../checks/plans/reads-source.ts'
import type { Project } from '../../checks/project.ts'
import type { CommandRun } from '../../checks/run-checks.ts'
import { type RunSetupRequest, runSetup, type SetupReport } from '../../checks/run-setup.ts'
import { hostsOf } from '../../sandbox/sandbox.ts'
import { digestOutput } from '../../verify/output-digest.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Less is not worth a try. */
const LEAST_MS = 1000

/**
 * Installs the dependencies of one project after another; one that fails takes nothing away from the others. The commands
 * of a dev container come last: they often need the container, and what was detected has been installed by then.
 */
export async function installAll(
  { sandbox, path: workspace }: Pick<Workspace, 'sandbox' | 'path'>,
  { setup, containerSetup, environment }: Pick<EnvironmentPlan, 'setup' | 'containerSetup' | 'environment'>,
  { signal, timeoutMs }: Pick<RunSetupRequest, 'signal' | 'timeoutMs'>,
): Promise<SetupReport> {
  const endsAt = performance.now() + timeoutMs
  const egressHosts = hostsOf(environment.egress)
  const plans = [...setup, containerSetup].filter(({ commands }) => commands.length > 0)
  const reports: SetupReport[] = []
  for (const [index, plan] of plans.entries()) {
    const leftMs = Math.max(LEAST_MS, endsAt - performance.now())
    // One that does not end leaves the others a part of the time.
    const others = plans.length - 1 - index
    const mine = others === 0 ? leftMs : Math.max(LEAST_MS, leftMs * (1 - Math.min(others, 2) / 4))
    const isMore = plan === containerSetup && reports.some(({ status }) => status === 'ok')
    const failure = isMore ? 'A command of the dev container did not work here' : undefined
    reports.push(await runSetup(sandbox, { workspace, signal, egressHosts, plan, timeoutMs: mine, failure }))
  }
  const [first, ...more] = reports
  if (first === undefined) {
    return runSetup(sandbox, {
      workspace,
      signal,
      egressHosts,
      plan: { commands: [], source: '' },
      timeoutMs,
    })
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

/** Runs setup for what a workspace holds now. */
export type SetUpAgain = () => Promise<readonly NamedCheck[]>

/**
 * Setup as a workspace needs it whose source becomes another one: what setup makes of source must be made again.
 *
 * @returns undefined if its commands only install; else runs them.
 */
export async function setupForChange(
  workspace: Pick<Workspace, 'sandbox' | 'path'>,
  plan: Pick<EnvironmentPlan, 'setup' | 'containerSetup' | 'environment'>,
  { project, ...request }: Pick<RunSetupRequest, 'signal' | 'timeoutMs'> & { readonly project: Project },
): Promise<SetUpAgain | undefined> {
  const commands = [...plan.setup, plan.containerSetup].flatMap((one) => one.commands)
  if (commands.length === 0 || !(await setupReadsSource(project, commands))) return undefined
  return async () => {
    const { results } = await installAll(workspace, plan, request)
    return ranOf(results)
  }
}

/** Installs for what a workspace holds then. @returns whether all of it worked. */
export function installerOf(...given: Parameters<typeof installAll>): () => Promise<boolean> {
  return async () => (await installAll(...given)).status !== 'failed'
}

/** As a receipt records them. */
export function ranOf(results: readonly CommandRun[]): readonly NamedCheck[] {
  return results.map(({ output, ...result }) => ({ result, log: digestOutput(output) }))
}

function messageOf(reports: readonly SetupReport[], plans: EnvironmentPlan['setup']): string {
  return reports
    .map(({ message }, index) =>
      index === 0 ? message : `Then \`${plans[index]?.source ?? ''}\`: ${message}`,
    )
    .map((message) => message.replace(/\.$/, ''))
    .join('. ')
}
