import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import { isRecord } from '../../text/is-record.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import type { Plan } from '../plans/plan.ts'
import type { Project } from '../project.ts'
import type { Language } from './installed-toolchains.ts'
import { MAX_VARIABLES, readVariable } from './plain-variables.ts'
import { type VersionWish, wish } from './version-wishes.ts'

/** The parts of a dev container that also work outside of its container. */
export interface Devcontainer {
  /** The commands that prepare the container, in their order. */
  readonly setup: Plan
  readonly env: Readonly<Record<string, string>>
  readonly wishes: readonly VersionWish[]
  /** Sentences for people on parts that are not honoured. */
  readonly problems: readonly string[]
}

const MAX_CHARACTERS = 64 * 1024
/** More opening brackets than an honest file has. The parser recurses for nested ones. */
const MAX_OPENINGS = 2000
const MAX_COMMANDS = 20
const MAX_COMMAND = 4000
/** Commands that run once, in this order, when the container is created. https://containers.dev/implementors/json_reference/#lifecycle-scripts */
const LIFECYCLE = ['onCreateCommand', 'updateContentCommand', 'postCreateCommand']
/** Keys that need the container, run at another time, or run on a developer's machine. */
const NOT_HONOURED = [
  'initializeCommand',
  'postStartCommand',
  'build',
  'dockerFile',
  'dockerComposeFile',
  'mounts',
  'workspaceMount',
  'runArgs',
  'privileged',
  'capAdd',
  'securityOpt',
  'hostRequirements',
]
/** Features of the official collection that install one version of a language. `IMAGES` are the images that do. */
const FEATURES: Readonly<Record<string, Language>> = {
  node: 'node',
  python: 'python',
  go: 'go',
  rust: 'rust',
  java: 'java',
  ruby: 'ruby',
}
const IMAGES: Readonly<Record<string, Language>> = {
  ...FEATURES,
  'javascript-node': 'node',
  'typescript-node': 'node',
}
/** Features that add what every sandbox has, or nothing that a command needs. */
const HARMLESS = new Set(['common-utils', 'git', 'github-cli', 'sshd', 'git-lfs'])

/**
 * Reads the repository's dev container from the first standard place that has one; of several folders, the first by name.
 *
 * @returns undefined if there is none, or if it is too large to read.
 */
export async function readDevcontainer(project: Project): Promise<Devcontainer | undefined> {
  const folders = [...project.files].filter((file) =>
    /^\.devcontainer\/[^/]+\/devcontainer\.json$/.test(file),
  )
  const places = ['.devcontainer/devcontainer.json', '.devcontainer.json', ...folders.sort()]
  const source = places.find((place) => project.files.has(place))
  const text = source === undefined ? undefined : await project.read(source)
  return source === undefined || text === undefined ? undefined : parseDevcontainer(text, source)
}

/** Reads the text of a `devcontainer.json`: JSON with comments and trailing commas. */
export function parseDevcontainer(text: string, source: string): Devcontainer {
  const nothing = { setup: { commands: [], source }, env: {}, wishes: [] }
  const ignored = (why: string) => ({ ...nothing, problems: [`\`${source}\` was ignored: ${why}.`] })
  if (text.length > MAX_CHARACTERS) return ignored(`it is larger than ${MAX_CHARACTERS / 1024} KiB`)
  if ((text.match(/[[{]/g)?.length ?? 0) > MAX_OPENINGS) return ignored('it has too many brackets')
  const errors: ParseError[] = []
  const file: unknown = parse(text, errors, { allowTrailingComma: true })
  const [error] = errors
  if (error) {
    const line = text.slice(0, error.offset).split('\n').length
    return ignored(`line ${line} is not JSON (${printParseErrorCode(error.error)})`)
  }
  if (!isRecord(file)) return ignored('it must be an object')
  const problems: string[] = []
  const commands = LIFECYCLE.flatMap((key) =>
    readLifecycle(file[key], (why) => problems.push(`\`${key}\` in \`${source}\` was ignored: ${why}.`)),
  )
  const { env, refused } = readVariables({ ...record(file.containerEnv), ...record(file.remoteEnv) })
  problems.push(...refused.map((what) => `\`${source}\`: ${what}.`))
  const { wishes, others } = readFeatures(record(file.features), source)
  const image = readImage(file.image, source)
  const left = NOT_HONOURED.filter((key) => file[key] !== undefined && file[key] !== null)
  const unhonoured = [
    ...left.map((key) => `\`${key}\``),
    ...others.map((name) => `feature \`${name}\``),
    ...(image === undefined ? ['`image`'] : []),
  ]
  if (unhonoured.length > 0) {
    problems.push(
      `\`${source}\`: Backspace uses its own sandbox, so it does not honour ${unhonoured.slice(0, 10).join(', ')}.`,
    )
  }
  return {
    setup: { commands: commands.slice(0, MAX_COMMANDS), source },
    env,
    wishes: [...wishes, ...(image ?? [])],
    problems: problems.slice(0, 10),
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

/** Reads a lifecycle command: a string for the shell, a list of a program and its arguments, or an object of such commands. */
function readLifecycle(value: unknown, refuse: (why: string) => void): readonly string[] {
  if (value === undefined || value === null || value === '') return []
  const command = asCommand(value)
  if (command !== undefined) return [command]
  const all = isRecord(value) ? Object.values(value).map(asCommand) : []
  if (all.length > 0 && all.every((one) => one !== undefined)) return all
  refuse('it must be a text, a list of words, or an object of these')
  return []
}

function asCommand(value: unknown): string | undefined {
  if (typeof value === 'string')
    return value.trim() !== '' && value.length <= MAX_COMMAND ? value.trim() : undefined
  if (!Array.isArray(value) || value.length === 0) return undefined
  const words = value.filter((word) => typeof word === 'string')
  if (words.length < value.length || words.join(' ').length > MAX_COMMAND) return undefined
  return words.map(shellQuote).join(' ')
}

function readVariables(given: Readonly<Record<string, unknown>>): {
  readonly env: Readonly<Record<string, string>>
  readonly refused: readonly string[]
} {
  const env: Record<string, string> = {}
  const refused: string[] = []
  for (const [name, value] of Object.entries(given).slice(0, MAX_VARIABLES)) {
    if (value === null) continue
    const shown = `\`${name.slice(0, 40)}\``
    if (typeof value === 'string' && /\$\{/.test(value)) {
      refused.push(`${shown} was not set: its value refers to the container or to a person's machine`)
      continue
    }
    const read = readVariable(name, value)
    if ('value' in read) env[name] = read.value
    else refused.push(`${shown} was not set: ${read.refused}`)
  }
  return { env, refused }
}

/** Reads features such as `ghcr.io/devcontainers/features/node:1` with `{ "version": "20" }`, or with `"20"`. */
function readFeatures(
  features: Readonly<Record<string, unknown>>,
  source: string,
): { readonly wishes: readonly VersionWish[]; readonly others: readonly string[] } {
  const wishes: VersionWish[] = []
  const others: string[] = []
  for (const [id, options] of Object.entries(features).slice(0, MAX_VARIABLES)) {
    const name = /([\w-]{1,40})(?:[:@][\w.:-]{1,100})?$/.exec(id.slice(-200))?.[1] ?? ''
    const language = Object.hasOwn(FEATURES, name) ? FEATURES[name] : undefined
    const version = isRecord(options) ? options.version : options
    if (language !== undefined) wishes.push(...wish(language, { wanted: nodeName(version), source }))
    else if (!HARMLESS.has(name)) others.push(name || 'without a name')
  }
  return { wishes, others }
}

/** The node feature writes `lts` for what `.nvmrc` writes as `lts/*`. */
function nodeName(version: unknown): unknown {
  return version === 'lts' ? 'lts/*' : version
}

/** Reads the version from an image such as `mcr.microsoft.com/devcontainers/python:1-3.12-bookworm`; undefined for other images. */
function readImage(image: unknown, source: string): readonly VersionWish[] | undefined {
  if (image === undefined || image === null) return []
  if (typeof image !== 'string') return undefined
  const [, name = '', tag = ''] =
    /^mcr\.microsoft\.com\/(?:vscode\/)?devcontainers\/([\w-]{1,40}):([\w.-]{1,60})$/.exec(image) ?? []
  const language = Object.hasOwn(IMAGES, name) ? IMAGES[name] : undefined
  if (language === undefined) return ['base', 'universal'].includes(name) ? [] : undefined
  // With two numbers, the first is the version of the image itself.
  const version = /^(?:\d+(?:\.\d+)*-)?(\d+(?:\.\d+)*)(?:-[a-z]|$)/.exec(tag)?.[1]
  return wish(language, { wanted: version, source })
}
