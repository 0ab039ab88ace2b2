import type { Folder, Project } from '../checks/project.ts'
import { binPath } from './runners/instrument.ts'
import { type CommandPart, resolveCommand } from './runners/resolve-command.ts'
import type { ShellWord } from './runners/shell-words.ts'

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
  { call, script, folder, words }: CommandPart,
  files: readonly string[],
): readonly string[] | undefined {
  if (call !== undefined) {
    const inside = filesIn(folder, files)
    const args = inside.length === 0 ? undefined : call.runner.narrow?.(call.args, { files: inside, folder })
    return args === undefined ? undefined : [[rawText(call.program), ...args].join(' ')]
  }
  if (script === undefined) return undefined
  const within = script.parts[0]?.folder
  const inside = narrowParts(script.parts, files)
  // Its programs are found as the manager of packages finds them, which this command must be in the same folder for.
  if (inside === undefined || within?.name !== folder.name || hasOwnVariables(words)) return undefined
  const hooks = script.before.filter(({ text }) => !BESIDE_TESTS.test(text)).map((hook) => hook.command)
  return [binPath(folder.name), ...hooks, ...inside]
}

function holdsCall({ call, script }: CommandPart): boolean {
  return call !== undefined || script?.parts.some(holdsCall) === true
}

/** `FOO=1 npm test` sets a variable for all that the script does. */
function hasOwnVariables(words: readonly ShellWord[]): boolean {
  return words.some(({ text }) => /^[A-Za-z_]\w*=/.test(text))
}

function filesIn({ name }: Folder, files: readonly string[]): readonly string[] {
  const prefix = name === '' ? '' : `${name}/`
  return files.filter((file) => file.startsWith(prefix)).map((file) => file.slice(prefix.length))
}

function rawText(words: readonly ShellWord[]): string {
  return words.map(({ raw }) => raw).join(' ')
}
