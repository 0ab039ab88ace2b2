import { detectChecks, detectSetup } from '../../checks/plans/detect.ts'
import type { Plan } from '../../checks/plans/plan.ts'
import { readProject } from '../../checks/project.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { runSetup } from '../../checks/run-setup.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import type { Journal } from '../journal.ts'
import type { Workspace } from '../workspace/workspace.ts'

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
  /** What the checks said about the untouched code. */
  readonly baseline: readonly CheckResult[]
}

interface SetupParts {
  readonly journal: Pick<Journal, 'step' | 'notice'>
  readonly signal: AbortSignal
}

/** Installs dependencies, and decides which checks will run. A failed installation is a fact here, not an error. */
export async function setUpProject(
  workspace: Workspace,
  { journal, signal }: SetupParts,
): Promise<SetupFacts & Pick<ProjectFacts, 'checks'>> {
  const files = await readProject(workspace.sandbox, { workspace: workspace.path, signal })
  const [setupPlan, checksPlan] = await Promise.all([detectSetup(files), detectChecks(files)])
  for (const problem of new Set([setupPlan.problem, checksPlan.problem])) {
    if (problem !== undefined) journal.notice('warning', problem)
  }
  const { setup, setupFailed } = await install(workspace, setupPlan, { journal, signal })
  return { setup, setupFailed, checks: checksPlan.commands }
}

/** Installs dependencies in another sandbox of the same run. */
export async function setUpAgain(workspace: Workspace, { journal, signal }: SetupParts): Promise<SetupFacts> {
  const files = await readProject(workspace.sandbox, { workspace: workspace.path, signal })
  return install(workspace, await detectSetup(files), { journal, signal })
}

function install(
  { sandbox, path }: Workspace,
  plan: Plan,
  { journal, signal }: SetupParts,
): Promise<SetupFacts> {
  return journal.step('setup', 'Installing dependencies', async () => {
    const { status, message } = await runSetup(sandbox, { workspace: path, plan, signal })
    return { value: { setup: message, setupFailed: status === 'failed' }, message, status }
  })
}

/** What an earlier attempt found out, from its events; undefined when it did not get that far. */
export function earlierProjectFacts(events: readonly RunEvent[]): ProjectFacts | undefined {
  const finished = events.filter((event) => event.type === 'step.finished')
  const setup = finished.findLast(({ step }) => step === 'setup')
  const before = events.findLast((event) => event.type === 'checks.finished' && event.phase === 'before')
  const hasBaseline = finished.some(({ step, status }) => step === 'baseline' && status !== 'failed')
  if (!setup || !hasBaseline || before?.type !== 'checks.finished') return undefined
  return {
    setup: setup.message,
    setupFailed: setup.status === 'failed',
    checks: before.results.map(({ command }) => command),
    baseline: before.results,
  }
}
