import { z } from 'zod'
import { type Folder, foldersOf, type Project } from '../../checks/project.ts'
import type { ShellWord } from '../../text/shell-quote.ts'
import { commandName, startOfProgram } from '../../text/start-of-program.ts'
import { findCall } from './find-call.ts'
import { memberScripts } from './member-scripts.ts'
import type { RunnerCall } from './runner.ts'
import { shellWords } from './shell-words.ts'

/** One of the commands that `&&` joins. */
export interface CommandPart {
  readonly words: readonly ShellWord[]
  /** The folder in which it runs. */
  readonly folder: Folder
  /** The call of a known test runner, if it is one. */
  readonly call?: RunnerCall | undefined
  /** The script of a manifest that it runs, if it runs one. */
  readonly script?: Script | undefined
  /** Commands in the members of a workspace, one after the other, even if some fail. */
  readonly members?: readonly CommandPart[] | undefined
}

interface Script {
  readonly parts: readonly CommandPart[]
  /** Hooks that run before and after the script, such as npm's `pretest`. */
  readonly before: readonly Hook[]
  readonly after: readonly Hook[]
  /** Words between the command and arguments for the script, such as `--`. */
  readonly separator: readonly string[]
  /** True if the command first runs scripts of other members that this one depends on. */
  readonly hasNeeds: boolean
}

export interface Hook {
  readonly command: string
  readonly text: string
}

/** How many levels of scripts that call scripts are followed. */
const MAX_DEPTH = 4

/**
 * Resolves a command into its parts, down to the runners in the scripts that it calls.
 *
 * @returns undefined if only a shell could tell what the command runs.
 */
export async function resolveCommand(
  command: string,
  {
    project,
    folder: start = '',
    depth = 0,
  }: {
    readonly project: Project
    readonly folder?: string | undefined
    readonly depth?: number | undefined
  },
): Promise<readonly CommandPart[] | undefined> {
  const commands = shellWords(command.trim())
  if (commands === undefined) return undefined
  const parts: CommandPart[] = []
  let folder = start
  for (const words of commands) {
    const [first, target] = words
    if (first?.text === 'cd') {
      const next = words.length === 2 ? folderFrom(folder, target?.text ?? '') : undefined
      if (next === undefined) return undefined
      folder = next
      parts.push({ words, folder: folderAt(project, folder) })
      continue
    }
    const here = folderAt(project, folder)
    const call = findCall(words)
    const members = depth < MAX_DEPTH ? await memberParts(words, { project, here, depth }) : undefined
    const isScript = call === undefined && members === undefined && depth < MAX_DEPTH
    const script = isScript ? await scriptOf(words, { project, here, depth }) : undefined
    // `yarn vitest` runs a program if there is no script with that name.
    const direct =
      call ?? (script === undefined && members === undefined ? findCall(withoutManager(words)) : undefined)
    parts.push({ words, folder: here, call: direct && wholeCall(words, direct), script, members })
  }
  return parts
}

interface Within {
  readonly project: Project
  readonly here: Folder
  readonly depth: number
}

async function memberParts(
  words: readonly ShellWord[],
  { project, here, depth }: Within,
): Promise<readonly CommandPart[] | undefined> {
  const commands = await memberScripts(words, here)
  if (commands === undefined) return undefined
  const parts = await Promise.all(
    commands.map((command) => resolveCommand(command, { project, folder: here.name, depth: depth + 1 })),
  )
  return parts.flatMap((inner) => inner ?? [])
}

/** @param name path relative to the workspace; the folder need not exist. */
export function folderAt(project: Project, name: string): Folder {
  const [folder] = foldersOf(project, [name])
  if (folder === undefined) throw new Error('A folder that was asked for is missing.')
  return folder
}

/** The target of `cd`; undefined if it leads out of the workspace, or if only the shell knows it. */
function folderFrom(folder: string, target: string): string | undefined {
  if (/^[/~-]|[$*?[\\]/.test(target)) return undefined
  const names = folder === '' ? [] : folder.split('/')
  for (const name of target.split('/')) {
    if (name === '..' && names.pop() === undefined) return undefined
    if (name !== '' && name !== '.' && name !== '..') names.push(name)
  }
  return names.join('/')
}

function withoutManager(words: readonly ShellWord[]): readonly ShellWord[] {
  const start = startOfProgram(words.map(({ text }) => text))
  return /^(?:yarn|pnpm)$/.test(commandName(words[start]?.text ?? '')) ? words.slice(start + 1) : words
}

/** Adds the words that `withoutManager` removed to the program of the call. */
function wholeCall(words: readonly ShellWord[], call: RunnerCall): RunnerCall {
  return { ...call, program: words.slice(0, words.length - call.args.length) }
}

const manifest = z.object({ scripts: z.record(z.string(), z.unknown()) })

async function scriptOf(
  words: readonly ShellWord[],
  { project, here, depth }: Within,
): Promise<Script | undefined> {
  const wanted = scriptCall(words.map(({ text }) => text))
  if (wanted === undefined) return undefined
  const folder = folderFrom(here.name, wanted.folder)
  if (folder === undefined) return undefined
  const place = folderAt(project, folder)
  const scripts = await scriptsOf(place, wanted.manager)
  const text = scripts?.[wanted.name]
  if (typeof text !== 'string') return undefined
  const parts = await resolveCommand(text, { project, folder, depth: depth + 1 })
  if (parts === undefined) return undefined
  const hasHooks = wanted.manager === 'npm' || wanted.manager === 'bun' || wanted.manager === 'yarn'
  const hook = (name: string): readonly Hook[] => {
    const own = hasHooks ? scripts?.[name] : undefined
    return typeof own === 'string' ? [{ command: `npm run ${name}`, text: own }] : []
  }
  return {
    parts,
    before: hook(`pre${wanted.name}`),
    after: hook(`post${wanted.name}`),
    separator: wanted.separator,
    hasNeeds: wanted.manager === 'turbo' || wanted.manager === 'nx',
  }
}

async function scriptsOf(
  folder: Folder,
  manager: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    if (manager === 'deno')
      return z
        .object({ tasks: manifest.shape.scripts })
        .parse(JSON.parse((await folder.read('deno.json')) ?? '')).tasks
    const file = manager === 'composer' ? 'composer.json' : 'package.json'
    const { scripts } = manifest.parse(JSON.parse((await folder.read(file)) ?? ''))
    // Composer allows a list with one command.
    return Object.fromEntries(
      Object.entries(scripts).map(([name, text]) => [
        name,
        Array.isArray(text) && text.length === 1 ? text[0] : text,
      ]),
    )
  } catch {
    return undefined
  }
}

interface ScriptCall {
  readonly manager: string
  readonly name: string
  /** Path relative to the folder of the command. */
  readonly folder: string
  readonly separator: readonly string[]
}

const FOLDER_OPTION = /^(?:--prefix|--cwd|--dir|-C|--workspace(?==\w)|--filter(?==\.\/))(?:=(.*))?$/
/** Options that make the script run in other folders, too, or only there. */
const ELSEWHERE =
  /^(?:-w|-ws|--workspaces|--workspace(?!=\w)|--filter(?!=\.\/)|-F|-r|--recursive|workspaces?|foreach)(?:=|$)/

/** Parses `npm test`, `npm run -s test:unit`, `pnpm test`, `yarn --cwd web test`, `composer test`, `deno task test`. */
function scriptCall(words: readonly string[]): ScriptCall | undefined {
  const own = words.slice(startOfProgram(words))
  const manager = commandName(own[0] ?? '')
  if (manager === 'nx') return nxCall(own.slice(1))
  if (
    !/^(?:npm|pnpm|yarn|bun|composer|deno|turbo)$/.test(manager) ||
    own.some((word) => ELSEWHERE.test(word))
  )
    return undefined
  const rest: string[] = []
  let folder = ''
  for (let at = 1; at < own.length; at++) {
    const option = FOLDER_OPTION.exec(own[at] ?? '')
    if (own[at] === '--') return undefined
    if (option) folder = option[1] ?? own[++at] ?? ''
    else if (!own[at]?.startsWith('-')) rest.push(own[at] ?? '')
  }
  const [first = '', second, ...others] = rest
  const isRun = /^(?:run|run-script|task)$/.test(first)
  const name = isRun ? second : /^(?:t|tst)$/.test(first) && manager === 'npm' ? 'test' : first
  // More words would be arguments of the script.
  if (name === undefined || others.length > 0 || (!isRun && second !== undefined)) return undefined
  if (!isRun && ((manager === 'npm' && name !== 'test') || manager === 'bun' || manager === 'deno'))
    return undefined
  // Without a member, turbo runs the script in all of them.
  if (manager === 'turbo' && folder === '') return undefined
  return { manager, name, folder, separator: /^(?:npm|composer|turbo)$/.test(manager) ? ['--'] : [] }
}

/** In one project, which is named by its folder. */
function nxCall([command, ...options]: readonly string[]): ScriptCall | undefined {
  const after = (name: string) => options.find((option) => option.startsWith(name))?.slice(name.length)
  const [name, folder] = [after('--targets='), after('--projects=')]
  if (command !== 'run-many' || name === undefined || folder === undefined) return undefined
  return { manager: 'nx', name, folder, separator: ['--'] }
}

/** The files below a folder, relative to it; all files for the root, whose name is empty. */
export function filesIn(folder: string, files: readonly string[]): readonly string[] {
  const prefix = folder === '' ? '' : `${folder}/`
  return files.filter((file) => file.startsWith(prefix)).map((file) => file.slice(prefix.length))
}
