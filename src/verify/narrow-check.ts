import { posix } from 'node:path'
import type { Folder, Project } from '../checks/project.ts'
import { type ShellWord, shellQuote } from '../text/shell-quote.ts'
import { binPath } from './runners/bin-path.ts'
import { isChecker, isCheckingHook } from './runners/code-checkers.ts'
import { type CommandPart, filesIn, resolveCommand } from './runners/resolve-command.ts'

/** A command that runs only some of the test files of a check. */
export interface NarrowedCheck {
  /** Runs like any other check, from the root of the repository. */
  readonly command: string
  /** Folder of the project whose tests it runs, relative to the root; the command changes into it itself. */
  readonly folder: string
}

/**
 * Narrows a check to some test files: one command for each project to which they belong.
 *
 * @param by.files paths relative to the root of the repository.
 * @returns undefined if a runner takes no files, if no file is in its folder, or if the command cannot be parsed.
 */
export async function narrowCheck(
  command: string,
  by: { readonly project: Project; readonly files: readonly string[] },
): Promise<readonly NarrowedCheck[] | undefined> {
  const parts = await resolveCommand(command, { project: by.project })
  const found = parts && narrowParts(parts, by.files)
  return found?.map(({ commands, folder }) => ({ command: commands.join(' && '), folder }))
}

/** Commands to join with `&&`, and the folder in which the last one runs. */
interface Narrowed {
  readonly commands: readonly string[]
  readonly folder: string
}

/** The commands up to each runner, without those after it, which say nothing about its tests. */
function narrowParts(
  parts: readonly CommandPart[],
  files: readonly string[],
): readonly Narrowed[] | undefined {
  const runners = parts.filter((part) => holdsCall(part))
  // Two runners in one folder would both get the files.
  if (runners.length === 0 || new Set(runners.map(({ folder }) => folder.name)).size < runners.length)
    return undefined
  const narrowed = runners.flatMap((runner) => {
    const before = parts
      .slice(0, parts.indexOf(runner))
      .filter((part) => !holdsCall(part) && !isChecker(part))
      .map(({ words }) => rawText(words))
    const found = narrowPart(runner, files) ?? []
    return found.map(({ commands, folder }) => ({ commands: [...before, ...commands], folder }))
  })
  return narrowed.length === 0 ? undefined : narrowed
}

function narrowPart(
  { call, script, folder, words, members = [] }: CommandPart,
  files: readonly string[],
): readonly Narrowed[] | undefined {
  if (call !== undefined) {
    const { files: own, narrow } = call.runner
    const inside = filesIn(folder.name, files).filter((file) => own?.test(file) ?? true)
    const args = inside.length === 0 ? undefined : narrow?.(call.args, { files: inside, folder })
    return args && [{ commands: [[rawText(call.program), ...args].join(' ')], folder: folder.name }]
  }
  if (members.length > 0) return narrowMembers(folder, { members, files })
  const variables = exported(words)
  if (script === undefined || variables === undefined) return undefined
  const found = narrowScript(folder, { script, files })
  return found?.map((one) => ({ ...one, commands: [...variables, ...one.commands] }))
}

/** Narrows a script. Its programs are found as the package manager finds them, from the folder of the script. */
function narrowScript(
  { name }: Folder,
  {
    script,
    files,
  }: { readonly script: NonNullable<CommandPart['script']>; readonly files: readonly string[] },
): readonly Narrowed[] | undefined {
  if (script.hasNeeds) return undefined
  const within = script.parts[0]?.folder.name ?? name
  const move = within === name ? [] : [`cd ${shellQuote(posix.relative(name, within))}`]
  const start = [...move, binPath(within), ...hooksOf(script)]
  return narrowParts(script.parts, files)?.map((one) => ({ ...one, commands: [...start, ...one.commands] }))
}

/** Narrows each workspace member that has some of the files. If one cannot be narrowed, none is. */
function narrowMembers(
  folder: Folder,
  { members, files }: { readonly members: readonly CommandPart[]; readonly files: readonly string[] },
): readonly Narrowed[] | undefined {
  const found = members.flatMap(({ script }) => {
    const inside = script?.parts[0]?.folder
    if (script === undefined || inside === undefined || filesIn(inside.name, files).length === 0) return []
    return [narrowScript(folder, { script, files })]
  })
  const narrowed = found.flatMap((one) => one ?? [])
  return narrowed.length === 0 || found.includes(undefined) ? undefined : narrowed
}

function hooksOf(script: NonNullable<CommandPart['script']>): readonly string[] {
  return script.before.filter((hook) => !isCheckingHook(hook)).map((hook) => hook.command)
}

function holdsCall({ call, script, members }: CommandPart): boolean {
  return call !== undefined || [...(script?.parts ?? []), ...(members ?? [])].some(holdsCall)
}

/** The assignments in front of a script call, which hold for the whole script: `FOO=1 npm test`. Undefined if there is more. */
function exported(words: readonly ShellWord[]): readonly string[] | undefined {
  const isVariable = ({ text }: ShellWord) => /^[A-Za-z_]\w*=/.test(text)
  const end = words.findIndex((word) => !isVariable(word))
  const own = words.slice(0, end)
  if (words.slice(end).some(isVariable)) return undefined
  return own.length === 0 ? [] : [`export ${rawText(own)}`]
}

function rawText(words: readonly ShellWord[]): string {
  return words.map(({ raw }) => raw).join(' ')
}
