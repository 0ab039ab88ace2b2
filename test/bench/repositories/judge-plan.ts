import type { PlannedCheck, ProjectPlan } from '../../../src/checks/plans/plan.ts'
import { isNeutral, normalCommand, passesWithoutTests, writes } from './normal-command.ts'
import { type ProjectTruth, readWay, type Truth } from './truth.ts'

/**
 * - `right`: each project is tested as one of its ways says, at least one of them before the agent starts, and what runs
 *   then is nothing else.
 * - `useful`: at least one project is tested, in whole or in part, with what it needs installed.
 * - `wrong`: something runs, and none of it tests: other commands, missing set-up, files written. Or it has no tests.
 * - `named`: nothing runs, and the run says which part has tests.
 * - `nothing`: nothing runs, and nothing is said.
 */
export type Verdict = 'right' | 'useful' | 'wrong' | 'named' | 'nothing'
export const VERDICTS = ['right', 'useful', 'wrong', 'named', 'nothing'] as const satisfies readonly Verdict[]

export interface Judgement {
  readonly verdict: Verdict
  /** For people: what is missing, and what is too much. */
  readonly reasons: readonly string[]
}

type JudgedCheck = Pick<PlannedCheck, 'command' | 'inFolder'>

/** What of a project decides how its plan is judged. */
export interface JudgedProject extends Pick<ProjectPlan, 'folder' | 'setup'> {
  readonly checks: readonly JudgedCheck[]
}

/** What of a `RepositoryPlan` decides how it is judged. */
export interface JudgedPlan {
  readonly projects: readonly JudgedProject[]
  readonly baseline: readonly JudgedProject[]
  readonly untested: readonly unknown[]
  /** What the run says that CI has and a sandbox has not: `redis:7`. */
  readonly services?: readonly string[] | undefined
}

/** Exact and strict: a command that the truth does not name is a fault. */
export function judgePlan(truth: Truth, plan: JudgedPlan): Judgement {
  const checks = plan.baseline.flatMap((project) => project.checks)
  const outcomes = truth.projects.map((project) => ({ project, ...judgeProject(project, plan) }))
  const known = new Set(outcomes.flatMap(({ matched }) => matched))
  const stray = checks.filter((check) => !known.has(check) && !isNeutral(normalCommand(check.inFolder)))
  const writing = checks.filter((check) => writes(normalCommand(check.inFolder)))
  const needed = outcomes.filter(({ project }) => !project.optional)
  const early = needed.some(({ matched }) => matched.some((check) => checks.includes(check)))
  const isRight = needed.every(({ outcome }) => outcome === 'right') && stray.length === 0
  const reasons = [
    ...(isRight && !early && needed.length > 0 ? ['no test of them runs before the agent starts'] : []),
    ...needed.flatMap(({ project, outcome, why }) =>
      outcome === 'right' ? [] : [`${place(project)}: ${why}`],
    ),
    ...stray.map(({ command }) => `too much: ${command}`),
    ...writing.map(({ command }) => `writes: ${command}`),
  ]
  const verdict = () => {
    if (writing.length > 0) return 'wrong'
    if (isRight && (early || needed.length === 0)) return 'right'
    if (needed.some(({ outcome }) => outcome === 'right' || outcome === 'part')) return 'useful'
    if (needed.some(({ outcome }) => outcome === 'unready') || stray.length > 0) return 'wrong'
    return plan.untested.length > 0 ? 'named' : 'nothing'
  }
  return { verdict: verdict(), reasons }
}

interface ProjectJudgement {
  readonly outcome: 'right' | 'part' | 'unready' | 'none'
  readonly why: string
  readonly matched: readonly JudgedCheck[]
}

function judgeProject(truth: ProjectTruth, plan: JudgedPlan): ProjectJudgement {
  const named = (plan.services ?? []).map((name) => `\nservice: ${name}`).join('')
  const planned = plan.projects.flatMap((project) =>
    project.checks.map((check) => ({
      check,
      folder: folderOf(check),
      setup: `${setupFor(project, plan)}${named}`,
    })),
  )
  const ways = [
    ...truth.ways.map((way) => ({ outcome: 'right' as const, ...readWay(way) })),
    ...(truth.parts ?? []).map((way) => ({ outcome: 'part' as const, ...readWay(way) })),
  ]
  const tried = ways.flatMap(({ outcome, setups, commands }) =>
    planned
      .filter(({ check, folder }) =>
        commands.some(
          (one) => (one.folder ?? truth.folder) === folder && matches(one.pattern, check.inFolder),
        ),
      )
      .map(({ check, setup }) => {
        const isReady = setups.length === 0 || setups.some((parts) => parts.every((part) => part.test(setup)))
        return { outcome: isReady ? outcome : ('unready' as const), check, setup }
      }),
  )
  const matched = tried.map(({ check }) => check)
  for (const outcome of ['right', 'part', 'unready'] as const) {
    const best = tried.find((one) => one.outcome === outcome)
    if (best === undefined) continue
    const runs = `${best.check.inFolder} [after: ${best.setup.replaceAll('\n', ' ; ')}]`
    return { outcome, why: outcome === 'unready' ? `not installed: ${runs}` : `a part: ${runs}`, matched }
  }
  const got = planned
    .filter(({ folder }) => folder === truth.folder)
    .map(({ check }) => check.inFolder)
    .join(' ; ')
  return { outcome: 'none', why: got === '' ? 'no check' : `other checks: ${got}`, matched }
}

function matches(command: RegExp, check: string): boolean {
  const normal = normalCommand(check)
  if (passesWithoutTests(normal)) return false
  // A way that names a variable asks for it: `DATABASE_URL=sqlite* pytest`.
  return [check, normal, normal.split(' && ').at(-1) ?? ''].some((one) => command.test(one))
}

/** Where it runs: a project of one folder may test another. */
function folderOf({ command }: JudgedCheck): string {
  const [, moved = ''] = /^cd (?:'\.\/)?([^\s']+)'? && /.exec(command) ?? []
  return moved
}

/** What is installed when its checks run, as it is and normalised, without quotes. */
function setupFor(project: JudgedProject, { baseline }: JudgedPlan): string {
  const commands = [...new Set([...baseline, project].flatMap(({ setup }) => setup))]
  return [...new Set([...commands, ...commands.map(normalCommand)])].join('\n').replace(/['"]/g, '')
}

function place({ folder }: ProjectTruth): string {
  return folder === '' ? 'root' : folder
}
