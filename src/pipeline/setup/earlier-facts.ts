import type { CommandLimits } from '../../checks/command-limits.ts'
import type { RepositoryPlan } from '../../checks/plans/plan.ts'
import type { RunProgress } from '../../runs/run.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import type { ProjectFacts } from './set-up-project.ts'

/** The limits for runs that an older version of Backspace set up, whose events do not name any. */
const LIMITS_OF_OLDER_RUNS: CommandLimits = {
  setupMs: 5 * 60_000,
  checkMs: 10 * 60_000,
  checksMs: 20 * 60_000,
}

/** The facts that an earlier attempt found, read from its events; undefined when it did not get that far. */
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

/** Adds the plan of the projects at the base commit that an earlier attempt stored, so that the change cannot alter it. */
export function withPlan(project: ProjectFacts, { repositoryPlan }: RunProgress): ProjectFacts {
  // The only writer is `createReadySandbox`.
  return { ...project, repository: project.repository ?? (repositoryPlan as RepositoryPlan | undefined) }
}
