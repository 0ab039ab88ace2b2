import { detectChecks, detectSetup } from '../../checks/plans/detect.ts'
import { readProject } from '../../checks/project.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import { runSetup } from '../../checks/run-setup.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { checksText } from '../../runs/summary/sentences.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { RunContext } from '../run-context.ts'
import { settleWorkspace } from './build-workspace.ts'
import type { Workspace } from './workspace.ts'

/** What is known about the repository before the agent starts. */
export interface PreparedProject {
  /** One line on how dependencies were installed, or why not. */
  readonly setup: string
  readonly setupFailed: boolean
  /** The repository's own checks; decided at the base commit, so that no change can switch them off. */
  readonly checks: readonly string[]
  readonly baseline: readonly CheckResult[]
}

/** A project that the agent can start on. */
export interface ReadyProject {
  readonly project: PreparedProject
  /** Git's exclude file: what setup and checks left behind, and is no change. */
  readonly excludes: Uint8Array
}

/** Installs dependencies and runs the checks on the untouched code. Failures are facts here, not errors. */
export async function prepareProject(
  context: RunContext,
  sandbox: Sandbox,
  workspace: Workspace,
): Promise<ReadyProject> {
  const { step, signal, emit, notice } = context
  const place = { workspace: workspace.path, signal }
  const files = await readProject(sandbox, place)
  const [setupPlan, checksPlan] = await Promise.all([detectSetup(files), detectChecks(files)])
  for (const problem of new Set([setupPlan.problem, checksPlan.problem])) {
    if (problem !== undefined) notice('warning', problem)
  }
  const setup = await install(context, sandbox, { ...place, plan: setupPlan })
  const { baseline, excludes } = await step('baseline', 'Running the checks before any change', async () => {
    const results = await runChecks(sandbox, { ...place, commands: checksPlan.commands })
    emit({ type: 'checks.finished', phase: 'before', results })
    const { restored, excludes } = await settleWorkspace(sandbox, workspace, { signal })
    if (restored > 0) {
      const what = restored === 1 ? '1 file' : `${restored} files`
      notice('info', `Setup and checks changed ${what} of the commit; they were put back.`)
    }
    const value = { baseline: results, excludes }
    return {
      value,
      message: checksText(results),
      ...(results.length === 0 ? { status: 'skipped' } : {}),
    }
  })
  return { project: { ...setup, checks: checksPlan.commands, baseline }, excludes }
}

/** The same in another sandbox of the run: dependencies are gone, but what the checks said is known. */
export async function prepareAgain(
  context: RunContext,
  {
    sandbox,
    workspace,
    onlyFiles,
  }: { readonly sandbox: Sandbox; readonly workspace: Workspace; readonly onlyFiles: boolean },
  { project, excludes: known }: ReadyProject,
): Promise<ReadyProject> {
  const { signal } = context
  const place = { workspace: workspace.path, signal }
  const setup = onlyFiles
    ? project
    : await install(context, sandbox, {
        ...place,
        plan: await detectSetup(await readProject(sandbox, place)),
      })
  const { excludes } = await settleWorkspace(sandbox, workspace, { signal, excludes: known })
  return { project: { ...project, ...setup }, excludes }
}

function install(
  { step }: RunContext,
  sandbox: Sandbox,
  options: Parameters<typeof runSetup>[1],
): Promise<Pick<PreparedProject, 'setup' | 'setupFailed'>> {
  return step('setup', 'Installing dependencies', async () => {
    const { status, message } = await runSetup(sandbox, options)
    return { value: { setup: message, setupFailed: status === 'failed' }, message, status }
  })
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
