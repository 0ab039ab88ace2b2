import { type AgentName, agentMistake, isAgentName } from '../text/agent-name.ts'
import { isRecord } from '../text/is-record.ts'
import { type LocatedYaml, locateYaml, MAX_YAML_CHARACTERS } from '../text/parse-yaml.ts'
import type { WantedMinutes } from './command-limits.ts'
import { CONTRIBUTION_KEYS, readAiPolicy, readBranchPrefix } from './contribution-settings.ts'
import { isHostPattern } from './ecosystem-hosts.ts'
import type { Service } from './environment/environment.ts'
import { MAX_VARIABLES, readVariable } from './environment/plain-variables.ts'
import { MAX_SERVICES, readService } from './environment/read-service.ts'
import { collectMistakes, type ReportMistake, unknownKey } from './environment/settings-mistakes.ts'
import type { Project } from './project.ts'
import { VERIFY_MODES, type VerifyMode } from './verify-mode.ts'

/** Paths of the settings file of a repository; the first that exists counts. */
export const SETTINGS_PATHS = ['.github/backspace.yml', '.github/backspace.yaml'] as const

const KEYS = [
  'agent',
  'setup',
  'checks',
  'env',
  'services',
  'egress',
  'template',
  'secrets',
  'setup-minutes',
  'check-minutes',
  'verify',
  'prove',
  ...CONTRIBUTION_KEYS,
] as const
const MAX_COMMANDS = 50
const MAX_HOSTS = 20
const TEMPLATE = /^[\w][\w./:-]{0,99}$/

/** A repository's own settings. `[]` for `setup` or `checks` means: run nothing, and do not guess. */
export interface RepoSettings {
  /** Path of the file, for people; undefined if there is none. */
  readonly path?: string | undefined
  readonly setup?: readonly string[] | undefined
  readonly checks?: readonly string[] | undefined
  readonly env: Readonly<Record<string, string>>
  readonly services: readonly Service[]
  /** Hosts beyond those that are open anyway, in lower case; the operator decides whether they are opened. */
  readonly egress: readonly string[]
  /** How long setup and each check may take; the operator sets the maximum. */
  readonly minutes: WantedMinutes
  /** Name of an E2B template; the operator decides whether it may be used. */
  readonly template?: string | undefined
  readonly verify?: VerifyMode | undefined
  /** Which agent works on the repository when the request names none; the operator decides whether it may be chosen. */
  readonly agent?: AgentName | undefined
  /** Whether each pull request is verified when it is opened and after each push; counts on its base branch. */
  readonly prove?: 'always' | 'never' | undefined
  /** The start of the names of new branches, such as `bots/`. */
  readonly branchPrefix?: string | undefined
  /** `ignore`: the maintainers want runs, whatever their contributor guides say about AI. */
  readonly aiPolicy?: 'ignore' | undefined
  /** Sentences for people on settings that were ignored, each with file, line and cure. All other settings count. */
  readonly problems: readonly string[]
}

export const NO_SETTINGS: RepoSettings = {
  env: {},
  services: [],
  egress: [],
  minutes: {},
  problems: [],
}

/** Reads the settings of the base commit. Call this before any code of the repository has run. */
export async function readRepoSettings(project: Project): Promise<RepoSettings> {
  const path = SETTINGS_PATHS.find((candidate) => project.files.has(candidate))
  if (path === undefined) return NO_SETTINGS
  const text = await project.read(path)
  if (text !== undefined) return parseRepoSettings(text, path)
  const problem = `\`${path}\` was ignored: it is larger than ${MAX_YAML_CHARACTERS / 1024} KiB.`
  return { ...NO_SETTINGS, path, problems: [problem] }
}

/**
 * Reads the text of a settings file. No mistake is fatal: wrong settings are reported and ignored, and the rest counts.
 * `parseSecretAllowList` reads `secrets`.
 *
 * @param path of the file, for people.
 */
export function parseRepoSettings(text: string, path: string): RepoSettings {
  let located: LocatedYaml
  try {
    located = locateYaml(text)
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : 'it cannot be read'
    return { ...NO_SETTINGS, path, problems: [`\`${path}\` was ignored: it is not valid YAML (${why}).`] }
  }
  const file = located.value ?? {}
  if (!isRecord(file)) {
    const problem = `\`${path}\` was ignored: it must have keys such as \`checks: npm test\`, not a list or a text.`
    return { ...NO_SETTINGS, path, problems: [problem] }
  }
  const { problems, report } = collectMistakes(path, located.lineOf)
  for (const key of Object.keys(file)) if (!isKnown(key)) report([key], unknownKey(key, KEYS))
  return {
    path,
    setup: readCommands(file.setup, 'setup', report),
    checks: readCommands(file.checks, 'checks', report),
    env: readEnv(file.env, report),
    services: readServices(file.services, report),
    egress: readHosts(file.egress, report),
    minutes: {
      setup: readMinutes(file, 'setup-minutes', report),
      check: readMinutes(file, 'check-minutes', report),
    },
    template: readTemplate(file.template, report),
    verify: readVerify(file.verify, report),
    agent: readAgent(file.agent, report),
    prove: readProve(file.prove, report),
    branchPrefix: readBranchPrefix(file['branch-prefix'], report),
    aiPolicy: readAiPolicy(file['ai-policy'], report),
    problems,
  }
}

function isKnown(key: string): boolean {
  return KEYS.some((known) => known === key)
}

function readCommands(value: unknown, key: string, report: ReportMistake): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const commands = list.filter((line) => typeof line === 'string')
  if (commands.length < list.length) {
    report(
      [key],
      `\`${key}\` must be a command or a list of commands, so it was ignored. Write \`${key}: npm test\`.`,
    )
    return undefined
  }
  if (commands.length > MAX_COMMANDS) {
    report(
      [key],
      `\`${key}\` has more than ${MAX_COMMANDS} commands, so it was ignored. Put them into a script.`,
    )
    return undefined
  }
  return commands.map((line) => line.trim()).filter((line) => line !== '')
}

function readEnv(value: unknown, report: ReportMistake): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {}
  if (!isRecord(value)) {
    report(['env'], '`env` must have a name and a value per line, such as `NODE_ENV: test`. It was ignored.')
    return {}
  }
  const variables: Record<string, string> = {}
  const entries = Object.entries(value)
  if (entries.length > MAX_VARIABLES) {
    report(['env'], `\`env\` has more than ${MAX_VARIABLES} variables. The others were ignored.`)
  }
  for (const [name, given] of entries.slice(0, MAX_VARIABLES)) {
    const read = readVariable(name, given)
    if ('value' in read) variables[name] = read.value
    else report(['env', name], `\`${name.slice(0, 40)}\` was not set: ${read.refused}.`)
  }
  return variables
}

function readServices(value: unknown, report: ReportMistake): readonly Service[] {
  if (value === undefined || value === null) return []
  if (!isRecord(value)) {
    report(
      ['services'],
      '`services` must have a name and a command each, such as `redis: redis-server`. It was ignored.',
    )
    return []
  }
  const entries = Object.entries(value)
  if (entries.length > MAX_SERVICES) {
    report(['services'], `\`services\` has more than ${MAX_SERVICES} entries. The others were ignored.`)
  }
  return entries.slice(0, MAX_SERVICES).flatMap(([name, given]) => readService(name, given, report) ?? [])
}

function readHosts(value: unknown, report: ReportMistake): readonly string[] {
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > MAX_HOSTS)
    report(['egress'], `\`egress\` has more than ${MAX_HOSTS} hosts. The others were ignored.`)
  return list.slice(0, MAX_HOSTS).flatMap((host, index) => {
    if (typeof host === 'string' && isHostPattern(host)) return [host.toLowerCase()]
    const key = Array.isArray(value) ? ['egress', index] : ['egress']
    report(
      key,
      'an entry of `egress` is no host name and was ignored. Write `cdn.example.org`, without scheme, port or path.',
    )
    return []
  })
}

function readTemplate(value: unknown, report: ReportMistake): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && TEMPLATE.test(value)) return value
  report(['template'], '`template` must be the name of an E2B template, such as `node-24`. It was ignored.')
  return undefined
}

function readVerify(value: unknown, report: ReportMistake): VerifyMode | undefined {
  if (value === undefined || value === null) return undefined
  // YAML 1.1 reads `off` as false.
  const mode = value === false ? 'off' : value
  const found = VERIFY_MODES.find((known) => known === mode)
  if (found === undefined) report(['verify'], '`verify` must be `full`, `checks` or `off`. It was ignored.')
  return found
}

function readAgent(value: unknown, report: ReportMistake): AgentName | undefined {
  if (value === undefined || value === null || isAgentName(value)) return value ?? undefined
  report(['agent'], `\`agent\` ${agentMistake(value)} It was ignored.`)
  return undefined
}

function readProve(value: unknown, report: ReportMistake): 'always' | 'never' | undefined {
  if (value === 'always' || value === 'never') return value
  if (value !== undefined && value !== null) {
    report(['prove'], '`prove` must be `always` or `never`. It was ignored.')
  }
  return undefined
}

function readMinutes(
  file: Readonly<Record<string, unknown>>,
  key: 'setup-minutes' | 'check-minutes',
  report: ReportMistake,
): number | undefined {
  const value = file[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  report([key], `\`${key}\` must be a number of minutes above 0. It was ignored.`)
  return undefined
}
