import { detectChecks } from '../checks/detect-checks.ts'
import { detectSetup } from '../checks/detect-setup.ts'
import { readProject } from '../checks/project.ts'
import { runChecks } from '../checks/run-checks.ts'
import type { CheckResult } from '../checks/run-command.ts'
import { runSetup } from '../checks/run-setup.ts'
import type { RunEvent } from '../runs/run-event.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { RunContext } from './run-context.ts'
import { settleWorkspace } from './workspace/settle-workspace.ts'
import type { Workspace } from './workspace/workspace.ts'

/** What is known about the repository before the agent starts. */
export interface PreparedProject {
  /** One line on how dependencies were installed, or why not. */
  readonly setup: string
  readonly setupFailed: boolean
  /** The repository's own checks; decided at the base commit, so that no change can switch them off. */
  readonly checks: readonly string[]
  readonly baseline: readonly CheckResult[]
}

/** Installs dependencies and runs the checks on the untouched code. Failures are facts here, not errors. */
export async function prepareProject(
  context: RunContext,
  sandbox: Sandbox,
  workspace: Workspace,
): Promise<PreparedProject> {
  const { step, signal, emit, notice } = context
  const place = { workspace: workspace.path, signal }
  const project = await readProject(sandbox, place)
  const [setupPlan, checksPlan] = await Promise.all([detectSetup(project), detectChecks(project)])
  for (const problem of new Set([setupPlan.problem, checksPlan.problem])) {
    if (problem !== undefined) notice('warning', problem)
  }
  const setup = await step('setup', 'Installing dependencies', async () => {
    const { status, message } = await runSetup(sandbox, { ...place, plan: setupPlan })
    return { value: { message, failed: status === 'failed' }, message, status }
  })
  const baseline = await step('baseline', 'Running the checks before any change', async () => {
    const value = await runChecks(sandbox, { ...place, commands: checksPlan.commands })
    emit({ type: 'checks.finished', phase: 'before', results: value })
    const { restored } = await settleWorkspace(sandbox, workspace, signal)
    if (restored > 0) {
      const what = restored === 1 ? '1 file' : `${restored} files`
      notice('info', `Setup and checks changed ${what} of the commit; they were put back.`)
    }
    return { value, message: summarizeChecks(value), ...(value.length === 0 ? { status: 'skipped' } : {}) }
  })
  return { setup: setup.message, setupFailed: setup.failed, checks: checksPlan.commands, baseline }
}

/** What an earlier attempt has found out, from its events; undefined when it did not get that far. */
export function recallProject(events: readonly RunEvent[]): PreparedProject | undefined {
  const finished = events.filter((event) => event.type === 'step.finished')
  const setup = finished.findLast(({ step }) => step === 'setup')
  const before = events.findLast((event) => event.type === 'checks.finished' && event.phase === 'before')
  const settled = finished.some(({ step, status }) => step === 'baseline' && status !== 'failed')
  if (!setup || !settled || before?.type !== 'checks.finished') return undefined
  return {
    setup: setup.message,
    setupFailed: setup.status === 'failed',
    checks: before.results.map(({ command }) => command),
    baseline: before.results,
  }
}

/** `npm test: exit code 0, npm run lint: exit code 1`. */
export function summarizeChecks(results: readonly CheckResult[]): string {
  if (results.length === 0) return 'The repository has no checks that Backspace could find'
  return results.map(({ command, exitCode }) => `${command}: exit code ${exitCode}`).join(', ')
}
