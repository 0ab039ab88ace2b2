import type { ProjectPlan } from '../../checks/plans/plan.ts'
import { setupOf } from '../../checks/plans/plan.ts'
import { readProject } from '../../checks/project.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { checksText, withCommands } from '../../runs/summary/sentences.ts'
import { checkEnding, checkText } from '../../text/check-ending.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import { runNamedChecks } from '../../verify/run-named-checks.ts'
import type { Attempt } from '../attempt.ts'
import { checksStatus } from '../checks/baseline.ts'
import type { Journal } from '../journal.ts'
import type { ReadySandbox } from '../ready-sandbox.ts'
import { loggedCommand } from '../setup/bound-log.ts'
import { installAll } from '../setup/install-all.ts'

/** Results of a repository's commands, in the order in which they ran. */
export interface TriedCommands {
  readonly setup: readonly CheckResult[]
  readonly checks: readonly CheckResult[]
}

const TAIL_LINES = 40

/** The commands that any attempt of a run has tried so far. */
export function triedIn(events: readonly RunEvent[]): TriedCommands {
  const setup = events.findLast((event) => event.type === 'setup.finished')?.results ?? []
  const before = events.findLast((event) => event.type === 'checks.finished' && event.phase === 'before')
  return {
    setup: setup.map(({ output, ...result }) => ({ ...result, tail: tailOf(output) })),
    checks: before?.type === 'checks.finished' ? before.results : [],
  }
}

function tailOf(output: string): string {
  return output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
}

interface TryParts {
  readonly journal: Pick<Journal, 'step' | 'emit' | 'events'>
  readonly attempt: Pick<Attempt, 'signal' | 'leftMs'>
  readonly readReport: ReadReport
}

/**
 * Installs and checks the projects of a workspace that have not been tried yet. The steps `setup` and `baseline` run again,
 * and their events then hold all results, so that another attempt continues from here.
 */
export async function tryProjects(
  { workspace, project: { limits }, repo: environment }: ReadySandbox,
  projects: readonly ProjectPlan[],
  { journal, attempt: { signal, leftMs }, readReport }: TryParts,
): Promise<TriedCommands> {
  const { step, emit } = journal
  const events = await journal.events()
  const known = triedIn(events)
  const isNew = (command: string) =>
    [...known.setup, ...known.checks].every((result) => result.command !== command)
  const failed = new Set(known.setup.filter(({ exitCode }) => exitCode !== 0).map(({ command }) => command))
  // Commands after a failed one would fail as well.
  const setup = setupOf(projects.filter((one) => !one.setup.some((command) => failed.has(command))))
    .map((plan) => ({ ...plan, commands: plan.commands.filter(isNew) }))
    .filter(({ commands }) => commands.length > 0)
  const installing = setup.flatMap(({ commands }) => commands)
  if (installing.length > 0) {
    await step('setup', withCommands('Installing the other projects', installing), async () => {
      const timeoutMs = Math.min(limits.setupMs, leftMs() / 2)
      const { status, message, results } = await installAll(
        workspace,
        { setup, environment },
        { signal, timeoutMs },
      )
      const earlier = events.findLast((event) => event.type === 'setup.finished')
      emit({
        type: 'setup.finished',
        results: [
          ...(earlier?.results ?? []),
          ...results.map((result) => loggedCommand(result, results.length)),
        ],
        reason: status === 'failed' ? message : earlier?.reason,
        limits,
      })
      return { value: undefined, message, status }
    })
  }
  const commands = projects.flatMap(({ checks }) => checks.map(({ command }) => command)).filter(isNew)
  if (commands.length > 0) {
    await step('baseline', withCommands('Running the checks of the other projects', commands), async () => {
      const { sandbox, path } = workspace
      const files = await readProject(sandbox, { workspace: path, signal })
      const request = {
        workspace: path,
        commands: [...new Set(commands)],
        signal,
        limitOf: () => limits.checkMs,
        togetherMs: leftMs(),
      }
      const ran = await runNamedChecks(sandbox, request, { project: files, readReport })
      const results = [...known.checks, ...ran.map(({ result }) => result)]
      emit({ type: 'checks.finished', phase: 'before', results })
      return { value: undefined, message: checksText(results), status: checksStatus(results) }
    })
  }
  return triedIn(await journal.events())
}

/** Sentences on checks that could not say anything about the code. Setup has its own sentence. */
export function causesIn({ checks }: TriedCommands): readonly string[] {
  return checks.flatMap((result) => {
    const ending = checkEnding(result)
    const isSilent = ending !== 'passed' && ending !== 'flaky' && ending !== 'failed'
    return isSilent ? [`${inlineCode(result.command)} ${checkText(result)}.`] : []
  })
}
