import { parse as parseToml } from 'smol-toml'
import { isRecord } from '../../text/is-record.ts'
import { readYamlTwice } from '../../text/parse-yaml.ts'

/** Parses a settings file. Returns one value for each way in which programs may read it. @throws if it cannot be parsed. */
export type ReadSettings = (text: string) => readonly unknown[]

/** Reads YAML and JSON. A key that occurs twice is refused. */
export const readYaml: ReadSettings = readYamlTwice

export const readTomlOnce: ReadSettings = (text) => [parseToml(text)]

/** Reads each rule of a `.gitattributes` as `<pattern> <attribute>`. */
export const readAttributes: ReadSettings = (text) => [
  wordsOfLines(text).flatMap(([pattern = '', ...attributes]) => attributes.map((one) => `${pattern} ${one}`)),
]

/** Reads each flag of a `.bazelrc` as `<command> <flag>`. Continued lines and quoted flags are refused. */
export const readBazelrc: ReadSettings = (text) => {
  if (/\\\r?$/m.test(text)) throw new Error('A line goes on in the next one.')
  return [
    wordsOfLines(text.replace(/\s#.*$/gm, '')).flatMap(([command = '', ...flags]) =>
      flags.length === 0
        ? [command]
        : flags.map((flag) => `${command} ${flag.replace(/=(["'])([^"'\\]*)\1$/, '=$2')}`),
    ),
  ]
}

/** Reads an Xcode scheme as empty, unless it starts programs, passes them arguments, or leaves tests out. */
export const readScheme: ReadSettings = (text) => [
  REACHES_OUT.test(text.replaceAll(OF_FLUTTER, ''))
    ? text.replace(/\bLastUpgradeVersion\s*=\s*"\d{1,6}"/, '')
    : '',
]

/** The debugger's settings as Flutter writes them into each project; the file that they name is generated, and steers if it is committed. */
const OF_FLUTTER = 'customLLDBInitFile = "$(SRCROOT)/Flutter/ephemeral/flutter_lldbinit"'

const REACHES_OUT =
  /\0|\ufffd|encoding\s*=\s*["'](?!UTF-8["'])|<!(?!--)|<(?:Pre|Post)Actions\b|<(?:ExecutionAction|ActionContent|CommandLineArgument|EnvironmentVariable|PathRunnable|RemoteRunnable|SkippedTests|SelectedTests)\b|\bscriptText\b|\bcustom(?:LLDBInitFile|WorkingDirectory)\b|\buseCustomWorkingDirectory\s*=\s*"YES"|\bskipped\s*=\s*"YES"|\bFilePath\b|\b\w{1,40}Identifier\s*=\s*"(?:(?!Xcode\.)[A-Za-z]\w*\.)/

/** Reads a script of Groovy as its text without the comments and the interpreter line in front of it. */
export const readScript: ReadSettings = (text) => {
  let left = text.replace(/^#!groovy[ \t]*\r?\n/, '')
  for (;;) {
    left = left.trimStart()
    const end = left.startsWith('/*')
      ? left.indexOf('*/') + 2
      : left.startsWith('//')
        ? left.indexOf('\n') + 1
        : 0
    if (end < 2) return [left]
    left = left.slice(end)
  }
}

/** One `name version` per line, as in `.tool-versions`. */
export const readTools: ReadSettings = (text) => [
  wordsOfLines(text).map(([name = '', ...versions]) => ({ [name]: versions })),
]

/** All words of the file in one list. */
export const readWords: ReadSettings = (text) => [wordsOfLines(text).flat()]

/** One `key=value` per line, as in `.npmrc` and Java properties. Continued lines are refused. */
export const readProperties: ReadSettings = (text) => {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:[#;!]|$)/.test(line))
  if (lines.some((line) => /\\$/.test(line))) throw new Error('A line goes on in the next one.')
  return [
    lines.map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? line : { [line.slice(0, at).trim()]: line.slice(at + 1).trim() }
    }),
  ]
}

function wordsOfLines(text: string): readonly (readonly string[])[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/\s+/))
}

/** Settings of Cargo. The flags of a target become one text, since a flag means little without the one before it. */
export const readCargoConfig: ReadSettings = (text) =>
  readTomlOnce(text).map((value) =>
    mapObject(value, (_name, part) =>
      mapObject(part, (name, item) =>
        mapObject(name === 'rustflags' ? flagsOf(item) : item, (key, flags) =>
          key === 'rustflags' ? flagsOf(flags) : flags,
        ),
      ),
    ),
  )

function flagsOf(flags: unknown): unknown {
  return Array.isArray(flags) ? flags.join(' ') : flags
}

/** Settings of pre-commit. Repositories are keyed by address and hooks by id, since what may change depends on both. */
export const readPreCommit: ReadSettings = (text) =>
  readYaml(text).map((value) => {
    if (!isMap(value) || !Array.isArray(value.repos)) throw new Error('It has no list of repositories.')
    const repos = byName(value.repos, 'repo').map(([address, repository]) => {
      const hooks = Array.isArray(repository.hooks) ? repository.hooks : []
      return [address, { ...repository, hooks: Object.fromEntries(byName(hooks, 'id')) }]
    })
    return { ...value, repos: Object.fromEntries(repos) }
  })

/** The items of a list, keyed by the value of one of their fields. A repeated value gets a number. */
function byName(items: readonly unknown[], key: string): [string, Record<string, unknown>][] {
  const times = new Map<string, number>()
  return items.map((item) => {
    if (!isMap(item)) throw new Error('An item of the list is no map.')
    const name = String(item[key])
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    return [time === 1 ? name : `${name}#${time}`, item]
  })
}

function mapObject(value: unknown, change: (name: string, item: unknown) => unknown): unknown {
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(name, item)]))
}

/** Excludes dates, which parsers of YAML and TOML make from some values. */
function isMap(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && !(value instanceof Date)
}
