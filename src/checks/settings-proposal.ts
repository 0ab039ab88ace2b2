import { checkEnding, checkText } from '../text/check-ending.ts'
import type { EnvironmentPlan } from './environment/plan-environment.ts'
import { isBeside } from './plans/own-folders.ts'
import { type PlannedCheck, type ProjectPlan, type RepositoryPlan, setupOf } from './plans/plan.ts'
import { SETTINGS_PATHS } from './repo-settings.ts'
import type { CheckResult } from './run-checks.ts'

/** The file that a proposal is for. */
export const PROPOSED_PATH = SETTINGS_PATHS[0]

/** One command of a proposal, and what is known of it. */
export interface ProposedCommand {
  /** Bash, to run at the root of the repository. */
  readonly command: string
  /** For people: the file that it comes from. */
  readonly source: string
  /** How it ended; undefined if it was not run. */
  readonly result?: CheckResult | undefined
  /** Why it stays a comment: the rest of a sentence that begins with the command. */
  readonly leftOut?: string | undefined
}

/** What a settings file would say. */
export interface ProposedSettings {
  readonly setup: readonly ProposedCommand[]
  readonly checks: readonly ProposedCommand[]
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** How the run of a command ended, by the command; undefined if it was not run. */
export type ResultOf = (command: string) => CheckResult | undefined

/**
 * What a plan comes to as settings.
 *
 * @param plan of a commit.
 * @param tried how the commands ended; default: nothing was run, and everything is proposed.
 */
export function proposeSettings(
  { repository, containerSetup }: Pick<EnvironmentPlan, 'repository' | 'containerSetup'>,
  tried?: ResultOf,
): ProposedSettings {
  const judge = (command: string, source: string): ProposedCommand => {
    if (tried === undefined) return { command, source }
    const result = tried(command)
    return { command, source, result, leftOut: whyLeftOut(result) }
  }
  const { said } = repository
  const projects = proposedProjects(repository)
  const others = repository.projects.filter((one) => !projects.includes(one) && one.checks.length > 0)
  const setup = [...setupOf(projects), containerSetup].flatMap(({ commands, source }) =>
    commands.map((command) => judge(command, source)),
  )
  const checks = [
    ...(said ?? []).map(({ command }) => judge(command, 'settings')),
    ...projects.flatMap((one) => one.checks.map((check) => judge(check.command, whereSaid(one, check)))),
    ...others.flatMap((one) =>
      one.checks.map((check) => ({
        command: check.command,
        source: whereSaid(one, check),
        leftOut: EACH_TIME,
      })),
    ),
  ]
  return { setup: eachOnce(setup), checks: eachOnce(checks) }
}

/** Without what we add to a command, and what people may leave out. */
function plain(command: string): string {
  return command.replace(/^npx --yes (\S+?)@\S+/, '$1').replace(/^(npm|pnpm|yarn|bun) run (test)\b/, '$1 $2')
}

const EACH_TIME = 'left out, since it would run each time'
/** Each of them is installed and checked in every run. */
const MOST_PROPOSED = 8

/**
 * The projects that a settings file names: those that each run checks, and as many that a change of the product may reach
 * as people want to wait for. Without settings, the others are checked when a change reaches them, which a list of commands
 * cannot say.
 */
export function proposedProjects({
  projects,
  baseline,
}: Pick<RepositoryPlan, 'projects' | 'baseline'>): readonly ProjectPlan[] {
  const isFirst = ({ folder, ecosystem }: ProjectPlan) =>
    baseline.some((one) => one.folder === folder && one.ecosystem === ecosystem)
  const room = Math.max(0, MOST_PROPOSED - baseline.length)
  const more = projects.filter((one) => !isFirst(one) && one.checks.length > 0 && !isBeside(one.folder))
  const named = new Set(more.slice(0, room))
  return projects.filter((one) => isFirst(one) || named.has(one))
}

/** The place where people can look up why it runs: the line that has it, before a manifest. */
function whereSaid({ evidence = [], source }: ProjectPlan, { inFolder }: PlannedCheck): string {
  const place = evidence.find(({ line, says = '' }) => line !== undefined && plain(says) === plain(inFolder))
  if (place === undefined) return source
  return [place.file, place.job && `job ${place.job}`, `line ${place.line}`].filter(Boolean).join(', ')
}

function eachOnce(commands: readonly ProposedCommand[]): readonly ProposedCommand[] {
  return [...new Map(commands.map((one) => [one.command, one])).values()]
}

/** Of a command that no one has tried. */
export const NOT_RUN = 'was not run'

function whyLeftOut(result: CheckResult | undefined): string | undefined {
  if (result === undefined) return NOT_RUN
  return checkEnding(result) === 'passed' ? undefined : checkText(result)
}
