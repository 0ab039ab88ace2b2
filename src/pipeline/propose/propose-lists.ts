import { correctSettings } from '../../checks/correct-settings.ts'
import type { ProjectPlan, RepositoryPlan, UncheckedPart } from '../../checks/plans/plan.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import {
  type ProposedCommand,
  type ProposedSettings,
  proposeSettings,
  whyLeftOut,
} from '../../checks/settings-proposal.ts'
import { settingsText } from '../../checks/settings-text.ts'
import { MASK } from '../../secrets/redact.ts'
import { checkEnding, checkText } from '../../text/check-ending.ts'
import type { OwnFile } from './own-file.ts'
import type { TriedCommands } from './try-projects.ts'

/** What is known of a repository once its commands have been tried. */
export interface Findings {
  /** What was detected, regardless of the settings file. */
  readonly found: Pick<RepositoryPlan, 'projects' | 'baseline' | 'containerSetup'>
  readonly tried: TriedCommands
  /** Variables for a new file, which a dev container or the owner's defaults set in this run. */
  readonly variables: Readonly<Record<string, string>>
  /** Undefined if the repository has none. */
  readonly own: OwnFile | undefined
}

/** A proposed file, and all commands with their results. */
export interface Proposal {
  readonly commands: ProposedSettings
  /** Text of the file; undefined if there is nothing to propose. */
  readonly text: string | undefined
  readonly without: readonly ProposedCommand[]
}

/**
 * Whether every command of the settings file works: it can be run, and it ends. A failing check works, too, since it says
 * something about the code.
 */
export function everythingWorks({ setup, checks }: TriedCommands, own: OwnFile): boolean {
  const said = own.settings.setup ?? []
  const ran = new Set(setup.map(({ command }) => command))
  return (
    said.every((command) => ran.has(command)) &&
    setup.every(({ exitCode }) => exitCode === 0) &&
    checks.every((result) => !isBroken(result))
  )
}

function isBroken(result: CheckResult): boolean {
  const ending = checkEnding(result)
  return ending === 'cannot_run' || ending === 'did_not_end' || ending === 'not_started'
}

/** Proposes a new file with the commands that worked, or a correction of the existing one. */
export function propose({ found, tried, own, variables }: Findings, head: readonly string[]): Proposal {
  const results = new Map([...tried.setup, ...tried.checks].map((result) => [result.command, result]))
  const detected = proposeSettings(found, (command) => results.get(command))
  const whole = { ...detected, setup: withoutHalves(detected.setup, found, results) }
  const commands = own ? corrected(own, whole, tried) : { ...withOthers(whole, tried), env: variables }
  if (own) {
    return { commands: shownOf(commands, tried), text: correctSettings(own.text, commands), without: [] }
  }
  const written = settingsText(commands, head)
  return { commands, text: written?.text, without: written?.without ?? [] }
}

/** Keeps the setup of a project only if all of it worked or a check works after it, since half a setup is useless. */
function withoutHalves(
  setup: readonly ProposedCommand[],
  { projects, containerSetup }: Findings['found'],
  results: ReadonlyMap<string, CheckResult>,
): readonly ProposedCommand[] {
  const works = (command: string) => whyLeftOut(results.get(command)) === undefined
  const useful = projects.filter(
    (one) => one.setup.every(works) || one.checks.some(({ command }) => works(command)),
  )
  const kept = new Set([...useful.flatMap((one) => one.setup), ...(containerSetup?.commands ?? [])])
  const left = 'worked, and a command after it did not'
  return setup.map((one) =>
    one.leftOut !== undefined || kept.has(one.command) ? one : { ...one, leftOut: left },
  )
}

/** Adds commands of the owner's defaults. One that held a secret cannot run without it, so it is not proposed. */
function withOthers(detected: ProposedSettings, tried: TriedCommands): ProposedSettings {
  const known = new Set([...detected.setup, ...detected.checks].map(({ command }) => command))
  const others = (list: readonly CheckResult[]) =>
    list
      .filter(({ command }) => !known.has(command) && !command.includes(MASK))
      .map((result) => ({
        command: result.command,
        source: '',
        result,
        leftOut: whyLeftOut(result),
      }))
  return {
    setup: [...detected.setup, ...others(tried.setup)],
    checks: [...others(tried.checks), ...detected.checks],
  }
}

/** Corrects each key with a broken command: commands of the file that work, in their order, then detected ones. */
function corrected(
  { settings }: OwnFile,
  detected: ProposedSettings,
  tried: TriedCommands,
): ProposedSettings {
  const works = ({ leftOut }: ProposedCommand) => leftOut === undefined
  const listOf = (key: 'setup' | 'checks'): readonly ProposedCommand[] => {
    const said = settings[key]
    if (said === undefined) {
      const list = detected[key]
      const hasBoth =
        list.some(works) && list.some(({ result }) => result === undefined || isUnusable(key, result))
      return hasBoth ? list : []
    }
    const own = said.map((command) => judge(key, command, tried))
    if (own.every(works)) return []
    return [...own, ...detected[key].filter((one) => works(one) && !said.includes(one.command))]
  }
  return { setup: listOf('setup'), checks: listOf('checks') }
}

function judge(key: 'setup' | 'checks', command: string, tried: TriedCommands): ProposedCommand {
  const result = tried[key].find((one) => one.command === command)
  const isUsable = result !== undefined && !isUnusable(key, result)
  const why = result === undefined ? 'was not run, since a command before it failed' : checkText(result)
  return { command, source: '', result, leftOut: isUsable ? undefined : why }
}

function isUnusable(key: 'setup' | 'checks', result: CheckResult): boolean {
  return key === 'setup' ? result.exitCode !== 0 : isBroken(result)
}

/** The commands to show to people, including those of keys that stay unchanged. */
function shownOf({ setup, checks }: ProposedSettings, tried: TriedCommands): ProposedSettings {
  const whole = (key: 'setup' | 'checks', list: readonly ProposedCommand[]) =>
    list.length > 0 ? list : tried[key].map(({ command }) => judge(key, command, tried))
  return { setup: whole('setup', setup), checks: whole('checks', checks) }
}

/** Parts of the repository that no passing check covers. */
export function notCovered(
  { projects, untested }: Pick<RepositoryPlan, 'projects' | 'untested'>,
  { checks }: TriedCommands,
): readonly UncheckedPart[] {
  const works = new Set(checks.filter(({ exitCode }) => exitCode === 0).map(({ command }) => command))
  const ran = new Set(checks.map(({ command }) => command))
  const idle = projects.filter((one) => !one.checks.some(({ command }) => works.has(command)))
  return [
    ...untested,
    ...idle
      .filter(({ folder }) => !untested.some(({ path }) => path === folder))
      .map((one) => ({ path: one.folder, reason: whyIdle(one, ran) })),
  ]
}

function whyIdle({ ecosystem, checks }: ProjectPlan, ran: ReadonlySet<string>): string {
  if (checks.length === 0) return `Backspace found no check for its ${ecosystem}.`
  if (checks.some(({ command }) => ran.has(command))) return `no check of its ${ecosystem} passed.`
  return `the check of its ${ecosystem} was not run.`
}
