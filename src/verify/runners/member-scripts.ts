import { membersOf } from '../../checks/plans/workspaces.ts'
import type { Folder } from '../../checks/project.ts'
import { commandName, startOfProgram } from './find-call.ts'
import { type ShellWord, shellQuote } from './shell-words.ts'

/** More members run as one command, whose tests have no names. */
const MAX_MEMBERS = 50

/**
 * A command that runs a script in every member of a workspace, taken apart: `npm run test --workspaces --if-present`,
 * `pnpm --recursive --if-present run test`. Each member then writes a report of its own.
 *
 * @returns a command for each member that has the script, to be run in the same folder; undefined if it is no such command.
 */
export async function memberScripts(
  words: readonly ShellWord[],
  folder: Folder,
): Promise<readonly string[] | undefined> {
  const start = startOfProgram(words.map(({ text }) => text))
  const manager = commandName(words[start]?.text ?? '')
  const name = scriptOfAll(
    manager,
    words.slice(start + 1).map(({ text }) => text),
  )
  if (name === undefined) return undefined
  const isMember = await membersOf(folder)
  const members = folder.files
    .filter((file) => file.endsWith('/package.json') && isMember(file.slice(0, -'/package.json'.length)))
    .map((file) => file.slice(0, -'/package.json'.length))
  if (members.length > MAX_MEMBERS) return undefined
  const program = words.slice(0, start + 1).map(({ raw }) => raw)
  const having = await Promise.all(members.map((member) => hasScript(folder, { member, name })))
  return members
    .filter((_, index) => having[index])
    .sort()
    .map((member) => {
      const [only, script] = [
        manager === 'npm' ? `--workspace=${member}` : `--filter=./${member}`,
        shellQuote(name),
      ]
      return [...program, shellQuote(only), 'run', script].join(' ')
    })
}

/** The name of the script that runs in all members. */
function scriptOfAll(manager: string, args: readonly string[]): string | undefined {
  const all =
    manager === 'npm' ? /^(?:-ws|--workspaces)$/ : manager === 'pnpm' ? /^(?:-r|--recursive)$/ : undefined
  const options = args.filter((arg) => arg.startsWith('-'))
  const known = options.every((option) => all?.test(option) === true || option === '--if-present')
  if (!known || !options.some((option) => all?.test(option))) return undefined
  const [first, second, ...others] = args.filter((arg) => !arg.startsWith('-'))
  const isRun = first === 'run' || first === 'run-script'
  return others.length > 0 || (!isRun && second !== undefined) ? undefined : isRun ? second : first
}

async function hasScript(
  folder: Folder,
  { member, name }: { readonly member: string; readonly name: string },
): Promise<boolean> {
  try {
    const parsed: unknown = JSON.parse((await folder.read(`${member}/package.json`)) ?? '')
    const scripts = Object(Object(parsed).scripts)
    return Object.hasOwn(scripts, name) && typeof scripts[name] === 'string'
  } catch {
    return false
  }
}
