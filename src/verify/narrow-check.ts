import type { Folder, Project } from '../checks/project.ts'
import { binPath } from './runners/instrument.ts'
import { type CommandPart, filesIn, resolveCommand } from './runners/resolve-command.ts'
import { type ShellWord, shellQuote } from './runners/shell-words.ts'

/** Commands that the tests do not need: linters, formatters, type checkers. */
const BESIDE_TESTS =
  /\b(?:eslint|biome|prettier|oxlint|xo|standard|stylelint|tsd|ruff|black|mypy|flake8|lint\S*|format\S*|clippy|fmt|typecheck|type-check)\b|--noEmit\b/

/**
 * A check for some of its test files alone.
 *
 * @param by.files relative to the root of the repository.
 * @returns a command that is run like any other check; undefined if the runner takes no files, none of them is in its
 * folder, or the command is more than can be understood.
 */
export async function narrowCheck(
  command: string,
  by: { readonly project: Project; readonly files: readonly string[] },
): Promise<string | undefined> {
  const parts = await resolveCommand(command, { project: by.project })
  const commands = parts && narrowParts(parts, by.files)
  return commands?.join(' && ')
}

/** The commands up to the one runner; what comes after it says nothing about the tests. */
function narrowParts(parts: readonly CommandPart[], files: readonly string[]): readonly string[] | undefined {
  const runners = parts.filter((part) => holdsCall(part))
  const [runner] = runners
  if (runner === undefined || runners.length > 1) return undefined
  const narrowed = narrowPart(runner, files)
  if (narrowed === undefined) return undefined
  const before = parts
    .slice(0, parts.indexOf(runner))
    .map(({ words }) => rawText(words))
    .filter((text) => !BESIDE_TESTS.test(text))
  return [...before, ...narrowed]
}

function narrowPart(
  { call, script, folder, words, members = [] }: CommandPart,
  files: readonly string[],
): readonly string[] | undefined {
  if (call !== undefined) {
    const { files: own, narrow } = call.runner
    const inside = filesIn(folder.name, files).filter((file) => own?.test(file) ?? true)
    const args = inside.length === 0 ? undefined : narrow?.(call.args, { files: inside, folder })
    return args === undefined ? undefined : [[rawText(call.program), ...args].join(' ')]
  }
  if (members.length > 0) return narrowMembers(folder, { members, files })
  if (script === undefined) return undefined
  const within = script.parts[0]?.folder
  const inside = narrowParts(script.parts, files)
  // Its programs are found as the manager of packages finds them, which this command must be in the same folder for.
  if (inside === undefined || within?.name !== folder.name || hasOwnVariables(words)) return undefined
  return [binPath(folder.name), ...hooksOf(script), ...inside]
}

/** The one member that the files are in, in its own folder. */
function narrowMembers(
  { name }: Folder,
  { members, files }: { readonly members: readonly CommandPart[]; readonly files: readonly string[] },
): readonly string[] | undefined {
  const holding = members.filter(({ script }) => {
    const inside = script?.parts[0]?.folder
    return inside !== undefined && filesIn(inside.name, files).length > 0
  })
  const [script, ...others] = holding.flatMap((member) => member.script ?? [])
  const inside = script?.parts[0]?.folder
  if (script === undefined || inside === undefined || others.length > 0) return undefined
  const commands = narrowParts(script.parts, files)
  const folder = name === '' ? inside.name : inside.name.slice(name.length + 1)
  return commands && [`cd ${shellQuote(folder)}`, binPath(inside.name), ...hooksOf(script), ...commands]
}

function hooksOf(script: NonNullable<CommandPart['script']>): readonly string[] {
  return script.before.filter(({ text }) => !BESIDE_TESTS.test(text)).map((hook) => hook.command)
}

function holdsCall({ call, script, members }: CommandPart): boolean {
  return call !== undefined || [...(script?.parts ?? []), ...(members ?? [])].some(holdsCall)
}

/** `FOO=1 npm test` sets a variable for all that the script does. */
function hasOwnVariables(words: readonly ShellWord[]): boolean {
  return words.some(({ text }) => /^[A-Za-z_]\w*=/.test(text))
}

function rawText(words: readonly ShellWord[]): string {
  return words.map(({ raw }) => raw).join(' ')
}
