import { durationText } from '../text/amounts.ts'
import { checkEnding, checkText } from '../text/check-ending.ts'
import { parseYaml } from '../text/parse-yaml.ts'
import { parseRepoSettings } from './repo-settings.ts'
import type { CheckResult } from './run-checks.ts'
import {
  failsInPart,
  PROPOSED_PATH,
  type ProposedCommand,
  type ProposedSettings,
} from './settings-proposal.ts'

/** The text of a settings file, which `parseRepoSettings` reads back to exactly the commands that it names. */
export interface SettingsText {
  readonly text: string
  /** Commands that the file has no room for, or that YAML cannot hold safely. */
  readonly without: readonly ProposedCommand[]
}

/** How much the comments say, from most to least. */
const DETAILS = ['all', 'sources', 'none'] as const
type Detail = (typeof DETAILS)[number]
/** The most commands that `parseRepoSettings` accepts in a list. */
const MOST_COMMANDS = 50

/**
 * Writes a settings file. If it becomes too large, it loses comments first and then commands.
 *
 * @param head comment lines for its beginning, without `#`.
 * @returns undefined if there is no command to name.
 */
export function settingsText(
  { setup, checks, env = {} }: ProposedSettings,
  head: readonly string[] = [],
): SettingsText | undefined {
  const fits = (one: ProposedCommand) => isHeld(one.command)
  const whole = { setup: setup.filter(fits), checks: checks.filter(fits), env }
  const isNamed = ({ leftOut }: ProposedCommand) => leftOut === undefined
  for (let most = MOST_COMMANDS; most > 0; most = Math.floor(most / 2)) {
    const kept = { setup: first(whole.setup, most), checks: first(whole.checks, most), env }
    const named = { setup: kept.setup.filter(isNamed), checks: kept.checks.filter(isNamed) }
    if (named.setup.length + named.checks.length === 0) return undefined
    for (const detail of DETAILS) {
      const text = write(kept, head, detail)
      if (!readsBack(text, { ...named, env })) continue
      const held = new Set([...kept.setup, ...kept.checks])
      return { text, without: [...setup, ...checks].filter((one) => isNamed(one) && !held.has(one)) }
    }
  }
  return undefined
}

/** The first `most` commands to name, and as many of those that are only comments, in their order. */
function first(commands: readonly ProposedCommand[], most: number): readonly ProposedCommand[] {
  let named = 0
  let others = 0
  return commands.filter(({ leftOut }) => (leftOut === undefined ? named++ : others++) < most)
}

function readsBack(text: string, { setup, checks, env = {} }: ProposedSettings): boolean {
  const read = parseRepoSettings(text, PROPOSED_PATH)
  const same = (commands: readonly ProposedCommand[], found: readonly string[] = []) =>
    found.length === commands.length && commands.every(({ command }, index) => command === found[index])
  const names = Object.keys(env)
  return (
    read.problems.length === 0 &&
    same(setup, read.setup) &&
    same(checks, read.checks) &&
    names.length === Object.keys(read.env).length &&
    names.every((name) => read.env[name] === env[name])
  )
}

function write(
  { setup, checks, env = {} }: ProposedSettings,
  head: readonly string[],
  detail: Detail,
): string {
  const blocks = [
    head.map((line) => `# ${oneLine(line)}`),
    settingsBlock('setup', setup, detail),
    settingsBlock('checks', checks, detail),
    Object.keys(env).length === 0 ? [] : ['env:', ...Object.entries(env).map(variableLine)],
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** The lines of one key. If all commands are comments, so is the key, since an empty list would mean: run nothing. */
export function settingsBlock(
  key: 'setup' | 'checks',
  commands: readonly ProposedCommand[],
  detail: Detail = 'all',
): readonly string[] {
  if (commands.length === 0) return []
  const isEmpty = commands.every(({ leftOut }) => leftOut !== undefined)
  const lines = commands.map((one) => {
    const remark = detail === 'none' ? '' : remarkOf(one, detail)
    const written = `- ${scalar(one.command)}${remark === '' ? '' : ` # ${remark}`}`
    return one.leftOut === undefined ? `  ${written}` : `  # ${oneLine(written, 300)}`
  })
  return [isEmpty ? `# ${key}: without this key, Backspace looks for itself` : `${key}:`, ...lines]
}

function remarkOf({ source, result, leftOut }: ProposedCommand, detail: Detail): string {
  const where = oneLine(source, 80)
  if (detail === 'sources') return where
  const how = leftOut ?? (result === undefined ? '' : resultText(result))
  return [where, oneLine(how, 160)].filter((part) => part !== '').join(': ')
}

/** `34 tests passed in 2.1 s`, `1 of 35 tests failed`, `failed (exit code 1)` */
function resultText(result: CheckResult): string {
  const { tests, durationMs } = result
  const { passed = 0, failed = 0 } = tests ?? {}
  if (failsInPart(result) && failed > 0) return `${failed} of ${passed + failed} tests failed`
  if (checkEnding(result) !== 'passed') return checkText(result)
  const count = tests && tests.passed > 0 ? `${tests.passed} ${tests.passed === 1 ? 'test' : 'tests'} ` : ''
  return `${count}passed in ${durationText(durationMs)}`
}

function variableLine([name, value]: readonly [string, string]): string {
  return `  ${name}: ${JSON.stringify(value)}`
}

const PLAIN = /^[A-Za-z.][\w ./:=@+,-]*$/
/** Invisible characters. With them, a reviewer of the file could not see what runs. */
const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/u

/** A command without quotes if YAML reads it back unchanged, else in double quotes. */
function scalar(command: string): string {
  if (PLAIN.test(command.replaceAll(' && ', ' ')) && isText(command)) return command
  return JSON.stringify(command)
}

function isText(command: string): boolean {
  try {
    return parseYaml(command) === command
  } catch {
    return false
  }
}

/** Whether a command reads back unchanged. It may not if it has spaces around it, or characters that YAML refuses. */
function isHeld(command: string): boolean {
  if (HIDDEN.test(command)) return false
  const read = parseRepoSettings(`checks:\n  - ${scalar(command)}\n`, PROPOSED_PATH)
  return read.problems.length === 0 && read.checks?.length === 1 && read.checks[0] === command
}

/** Untrusted text as one line for a comment, without line breaks and invisible characters. */
function oneLine(text: string, most = 200): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line
}
