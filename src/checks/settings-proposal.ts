import { checkEnding, checkText } from '../text/check-ending.ts'
import { isBeside } from './plans/own-folders.ts'
import {
  type Evidence,
  type PlannedCheck,
  type ProjectPlan,
  type RepositoryPlan,
  setupOf,
} from './plans/plan.ts'
import { SETTINGS_PATHS } from './repo-settings.ts'
import type { CheckResult } from './run-checks.ts'

/** Path of the settings file that a proposal writes. */
export const PROPOSED_PATH = SETTINGS_PATHS[0]

/** One command of a proposal, with its source and its result. */
export interface ProposedCommand {
  /** Bash, to run at the root of the repository. */
  readonly command: string
  /** Where the command comes from, for people: a file, possibly with a job and a line. */
  readonly source: string
  /** How the command ended; undefined if it did not run. */
  readonly result?: CheckResult | undefined
  /** Why the command is only a comment in the file: the rest of a sentence that begins with the command. */
  readonly leftOut?: string | undefined
}

/** The contents of a proposed settings file. */
export interface ProposedSettings {
  readonly setup: readonly ProposedCommand[]
  readonly checks: readonly ProposedCommand[]
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Looks up how a command ended; undefined if it did not run. */
export type ResultOf = (command: string) => CheckResult | undefined

/**
 * Turns the plan of a commit into settings.
 *
 * @param tried looks up how the commands ended; without it nothing ran, and every command is proposed.
 */
export function proposeSettings(
  repository: Pick<RepositoryPlan, 'projects' | 'baseline' | 'said' | 'containerSetup'>,
  tried?: ResultOf,
): ProposedSettings {
  const judge = (command: string, source: string): ProposedCommand => {
    if (tried === undefined) return { command, source }
    const result = tried(command)
    return { command, source, result, leftOut: whyLeftOut(result) }
  }
  const { said, containerSetup } = repository
  const projects = proposedProjects(repository)
  const others = repository.projects.filter((one) => !projects.includes(one) && one.checks.length > 0)
  const container = containerSetup === undefined ? [] : [containerSetup]
  const evidence = projects.flatMap((one) => one.evidence ?? [])
  const setup = [...setupOf(projects), ...container].flatMap(({ commands, source }) =>
    commands.map((command) => judge(command, whereSaid(evidence, command) ?? source)),
  )
  const checks = [
    ...(said ?? []).map(({ command }) => judge(command, 'settings')),
    ...projects.flatMap((one) => one.checks.map((check) => judge(check.command, sourceOf(one, check)))),
    ...others.flatMap((one) =>
      one.checks.map((check) => ({
        command: check.command,
        source: sourceOf(one, check),
        leftOut: EACH_TIME,
      })),
    ),
  ]
  return { setup: eachOnce(setup), checks: eachOnce(checks) }
}

/** A command in its shortest form: without its folder, its interpreter, a pinned version, and words that may be left out. */
function plain(command: string): string {
  return command
    .replace(/^cd \S+ && /, '')
    .replace(/^npx --yes (\S+?)@\S+/, '$1')
    .replace(/^(npm|pnpm|yarn|bun) run (test)\b/, '$1 $2')
    .replace(/^(?:\S{0,80}\/)?python[\d.]* -m /, '')
    .replace(/^pip3? install (?:--quiet )?/, 'pip install ')
}

const EACH_TIME = 'left out, since it would run each time'
/** The most projects of a proposal, since every run installs and checks each of them. */
const MOST_PROPOSED = 8

/**
 * The projects that a settings file names: those that every run checks, and then others, up to `MOST_PROPOSED`, so that runs
 * do not take too long. Without settings, the other projects are checked only if a change reaches them, which a list of
 * commands cannot express.
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

/** Where people can look up why a check runs: the line that has its command if there is one, else the project's source. */
function sourceOf({ evidence = [], source, checks }: ProjectPlan, { inFolder }: PlannedCheck): string {
  const [first] = evidence
  // The line of an only check comes first. It may say the check in words of its own: `tox -e py` for `python3 -m pytest`.
  const onlyOne = checks.length === 1 && first?.says !== undefined ? place(first) : undefined
  return whereSaid(evidence, inFolder) ?? onlyOne ?? source
}

/** The line that has a command, or has it with more arguments: `cargo test --verbose`; undefined if none has it. */
function whereSaid(evidence: readonly Evidence[], command: string): string | undefined {
  const lines = evidence.filter(({ line, says }) => line !== undefined && says !== undefined)
  const asked = plain(command)
  const said = (matches: (line: string) => boolean) => lines.find(({ says = '' }) => matches(plain(says)))
  const found = said((line) => line === asked) ?? said((line) => line.startsWith(`${asked} `))
  return found && place(found)
}

/** A line for people: `.github/workflows/ci.yml, job test, line 12`. */
function place({ file, job, line }: Evidence): string {
  return [file, job && `job ${job}`, line !== undefined && `line ${line}`].filter(Boolean).join(', ')
}

function eachOnce(commands: readonly ProposedCommand[]): readonly ProposedCommand[] {
  return [...new Map(commands.map((one) => [one.command, one])).values()]
}

/** Why a command that did not run is left out. */
export const NOT_RUN = 'was not run'

/** Whether a check fails while some of its tests pass. Tests are compared by name, so it is worth more than no check. */
export function failsInPart(result: CheckResult): boolean {
  return checkEnding(result) === 'failed' && (result.tests?.passed ?? 0) > 0
}

/** Why a command stays a comment; undefined if it is named. */
export function whyLeftOut(result: CheckResult | undefined): string | undefined {
  if (result === undefined) return NOT_RUN
  const ending = checkEnding(result)
  const isNamed = ending === 'passed' || ending === 'flaky' || failsInPart(result)
  return isNamed ? undefined : checkText(result)
}
