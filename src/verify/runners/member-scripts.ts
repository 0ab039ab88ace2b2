import { membersOf } from '../../checks/plans/node/workspaces.ts'
import type { Folder } from '../../checks/project.ts'
import { type ShellWord, shellQuote } from '../../text/shell-quote.ts'
import { commandName, startOfProgram } from '../../text/start-of-program.ts'

/** With more members the command runs as a whole, and its tests have no names. */
const MAX_MEMBERS = 50

/** A script that a package manager runs in all members of a workspace. */
interface ScriptOfAll {
  readonly name: string
  /** Arguments after the manager's name that run the script in one member, from the folder of the workspace. */
  readonly inMember: (member: string, script: string) => string
  /** True if a member without the script is an error. */
  readonly needsEach: boolean
  /** True if the script also runs in the root, unless the root's script is the one that runs the others. */
  readonly withRoot: boolean
}

/**
 * Splits a command that runs a script in every member of a workspace, so that each member writes its own report:
 * `npm run test --workspaces --if-present`, `pnpm --recursive --if-present run test`,
 * `yarn workspaces foreach --all run test`, `bun run --filter '*' test`, `turbo run test`, `nx run-many --targets=test`.
 *
 * @returns a command for each member that has the script, to run in the same folder; undefined if it is no such command.
 */
export async function memberScripts(
  words: readonly ShellWord[],
  folder: Folder,
): Promise<readonly string[] | undefined> {
  const start = startOfProgram(words.map(({ text }) => text))
  const read = READERS[commandName(words[start]?.text ?? '')]
  const script = read?.(words.slice(start + 1).map(({ text }) => text))
  if (script === undefined) return undefined
  const isMember = await membersOf(folder)
  const members = folder.files
    .filter((file) => file.endsWith('/package.json') && isMember(file.slice(0, -'/package.json'.length)))
    .map((file) => file.slice(0, -'/package.json'.length))
  if (members.length > MAX_MEMBERS) return undefined
  const program = words.slice(0, start + 1).map(({ raw }) => raw)
  const texts = await Promise.all(
    members.map((member) => scriptIn(folder, `${member}/package.json`, script.name)),
  )
  const having = members.filter((_, index) => texts[index] !== undefined)
  if (script.needsEach && having.length < members.length) return undefined
  const own = script.withRoot ? await scriptIn(folder, 'package.json', script.name) : undefined
  if (own !== undefined && !/\bforeach\b/.test(own)) return undefined
  return having
    .sort()
    .map((member) => `${program.join(' ')} ${script.inMember(member, shellQuote(script.name))}`)
}

type ReadScriptOfAll = (args: readonly string[]) => ScriptOfAll | undefined

const READERS: Readonly<Partial<Record<string, ReadScriptOfAll>>> = {
  npm: (args) =>
    named(args, /^(?:-ws|--workspaces)$/, {
      inMember: (member, script) => `${shellQuote(`--workspace=${member}`)} run ${script}`,
      needsEach: !args.includes('--if-present'),
    }),
  pnpm: (args) =>
    named(args, /^(?:-r|--recursive)$/, {
      inMember: (member, script) => `${shellQuote(`--filter=./${member}`)} run ${script}`,
      needsEach: false,
    }),
  yarn(args) {
    const [workspaces, command, ...rest] = args
    if (workspaces !== 'workspaces') return undefined
    const inMember = (member: string, script: string) => `--cwd ${shellQuote(member)} run ${script}`
    // Yarn 1.
    if (command === 'run' && rest.length === 1 && rest[0] !== undefined) {
      return { name: rest[0], inMember, needsEach: true, withRoot: false }
    }
    const options = rest.filter((arg) => arg.startsWith('-'))
    const isAll = options.some((option) => option === '--all' || /^-[Apitv]*A/.test(option))
    const isPlain = options.every((option) =>
      /^(?:-[Apitv]+|--(?:all|parallel|interlaced|topological|topological-dev|verbose))$/.test(option),
    )
    const [run, name, ...others] = rest.filter((arg) => !arg.startsWith('-'))
    if (command !== 'foreach' || !isAll || !isPlain || run !== 'run' || others.length > 0) return undefined
    return name === undefined ? undefined : { name, inMember, needsEach: false, withRoot: true }
  },
  turbo(args) {
    const options = args.filter((arg) => arg.startsWith('-'))
    const [first, second, ...others] = args.filter((arg) => !arg.startsWith('-'))
    const name = first === 'run' ? second : first
    const isPlain = options.every((option) => TURBO_OPTION.test(option))
    if (name === undefined || !isPlain || others.length > 0 || (first !== 'run' && second !== undefined))
      return undefined
    const inMember = (member: string, script: string) =>
      ['run', script, ...options, shellQuote(`--filter=./${member}`)].join(' ')
    return { name, inMember, needsEach: false, withRoot: false }
  },
  nx(args) {
    const [command, ...options] = args.join(' ').replace(NX_VALUE, '$1$2=').split(' ')
    const targets = options.flatMap((option) => /^(?:-t|--targets?)=([\w:.-]+)$/.exec(option)?.[1] ?? [])
    const [name, ...others] = targets
    const isPlain = options.every((option) => NX_OPTION.test(option))
    if (command !== 'run-many' || name === undefined || others.length > 0 || !isPlain) return undefined
    const rest = options.filter((option) => !NX_TARGET.test(option))
    const inMember = (member: string, script: string) =>
      ['run-many', `--targets=${script}`, ...rest, shellQuote(`--projects=${member}`)].join(' ')
    return { name, inMember, needsEach: false, withRoot: false }
  },
  bun(args) {
    const rest = args
      .join(' ')
      .replace(/(?:^|\s)(?:--filter[ =]\*|-F \*|--workspaces)(?=\s|$)/, '')
      .trim()
    const name = /^(?:run )?([\w:.-]+)$/.exec(rest)?.[1]
    if (rest === args.join(' ') || name === undefined || name === 'run' || name.startsWith('-'))
      return undefined
    // Without `=`, Bun prints a list of scripts and exits with 0.
    const inMember = (member: string, script: string) => `${shellQuote(`--cwd=${member}`)} run ${script}`
    return { name, inMember, needsEach: false, withRoot: false }
  },
}

/** Options that do not change which scripts run. */
const TURBO_OPTION =
  /^--(?:force|continue|no-daemon|no-cache|no-color|color|summarize|ui=\w+|cache=[\w:,]+|concurrency=[\w%]+|log-order=\w+|output-logs=[\w-]+)$/

/** Between an option and its value. */
const NX_VALUE = /(^| )(-t|--targets?) (?=[\w:.-])/g
const NX_TARGET = /^(?:-t|--targets?)=/
const NX_OPTION =
  /^(?:(?:-t|--targets?)=.+|--(?:all|verbose|skip-nx-cache|skipNxCache|nx-bail)|--(?:parallel|output-style|outputStyle)(?:=[\w-]+)?)$/

/** Parses `run test --workspaces`: an option that means all members, no other that matters, and the name of the script. */
function named(
  args: readonly string[],
  all: RegExp,
  rest: Pick<ScriptOfAll, 'inMember' | 'needsEach'>,
): ScriptOfAll | undefined {
  const options = args.filter((arg) => arg.startsWith('-'))
  const isPlain = options.every((option) => all.test(option) || option === '--if-present')
  const [first, second, ...others] = args.filter((arg) => !arg.startsWith('-'))
  const isRun = first === 'run' || first === 'run-script'
  const name = isRun ? second : first
  if (!isPlain || !options.some((option) => all.test(option)) || name === undefined) return undefined
  return others.length > 0 || (!isRun && second !== undefined)
    ? undefined
    : { ...rest, name, withRoot: false }
}

/** The text of a script; undefined if the manifest has none of this name. */
async function scriptIn(folder: Folder, manifest: string, name: string): Promise<string | undefined> {
  try {
    const parsed: unknown = JSON.parse((await folder.read(manifest)) ?? '')
    const scripts = Object(Object(parsed).scripts)
    const text: unknown = Object.hasOwn(scripts, name) ? scripts[name] : undefined
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}
