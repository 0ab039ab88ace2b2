import type { Folder, Project } from '../../checks/project.ts'
import { runsTests } from '../../text/code-checkers.ts'
import { binPath } from './bin-path.ts'
import { isBehindChecker, isChecker, isCheckingHook } from './code-checkers.ts'
import { startsOthers } from './find-call.ts'
import { createWishes, type InstrumentedCommand, type Wishes } from './report-wishes.ts'
import { type CommandPart, folderAt, resolveCommand } from './resolve-command.ts'
import type { CoverageAsk, RunnerCall } from './runner.ts'

/**
 * Changes a check so that it reports its tests by name: through environment variables if the runner reads its options from
 * them, else through options after the runner's name, which are passed through the scripts that call it.
 *
 * @param options.folder absolute path inside the sandbox to which reports are written.
 * @param options.coverage changed files relative to the workspace, if coverage is wanted.
 * @returns undefined if the command calls no known test runner.
 */
export async function instrument(
  command: string,
  {
    project,
    folder,
    coverage,
  }: {
    readonly project: Project
    readonly folder: string
    readonly coverage?: CoverageAsk | undefined
  },
): Promise<InstrumentedCommand | undefined> {
  const wishes = createWishes({ path: (name) => `${folder}/${name}`, coverage })
  const parts = await resolveCommand(command, { project })
  const text = parts?.map((part) => writePart(part, wishes)).join(' && ')
  const opaque = parts?.filter(isOpaque)
  if (opaque === undefined || opaque.length > 0) {
    wishes.addUsual(folderAt(project, ''))
    const mayPrint = opaque?.some(({ words }) => startsOthers(words)) ?? true
    if (mayPrint && runsTests(command)) wishes.addPrinted(folderAt(project, ''))
  }
  const start = wishes.start()
  return wishes.reports.length === 0
    ? undefined
    : { ...wishes.taken(), command: `${start}${text ?? command}`, isTakenApart: hasMembers(parts ?? []) }
}

/** Whether it is not known what a part starts, as in `make test`. */
function isOpaque({ call, script, members }: CommandPart): boolean {
  return !call && !script && !members
}

function hasMembers(parts: readonly CommandPart[]): boolean {
  return parts.some(({ members, script }) => members !== undefined || hasMembers(script?.parts ?? []))
}

function writePart(part: CommandPart, wishes: Wishes): string {
  const { words, call, folder, script, members } = part
  const asIs = words.map(({ raw }) => raw).join(' ')
  if (call !== undefined) return writeCall(call, wishes.add(call, folder))
  if (members?.some((member) => callsIn(member).length > 0)) {
    const runs = members.map((member) => `${writePart(member, wishes)} || code=$?`)
    return `(code=0; ${runs.join('; ')}; exit $code)`
  }
  if (script === undefined) return asIs
  const calls = callsIn(part)
  const [only, ...others] = calls
  if (only === undefined) return asIs
  const isFirst = wishes.mayAskForCoverage && only.call.runner.coverageGoesFirst === true
  const canAppend = !isFirst || only.call.args.every(({ text }) => text.startsWith('-'))
  const isHidden = isBehindChecker(part)
  if (others.length === 0 && only.appending !== undefined && canAppend && !isHidden) {
    const options = wishes.add(only.call, only.folder) ?? []
    return options.length === 0 ? asIs : `${asIs} ${[...only.appending, ...options].join(' ')}`
  }
  if (script.hasNeeds) return asIs
  const checking = (text: string, isOnlyChecking: boolean) =>
    isHidden && isOnlyChecking ? goOnAfter(text) : text
  // Arguments only reach the last command of a script, so its commands are run one by one.
  const inside = [
    ...script.before.map((hook) => checking(hook.command, isCheckingHook(hook))),
    ...script.parts.map((inner) => checking(writePart(inner, wishes), isChecker(inner))),
    ...script.after.map((hook) => hook.command),
  ]
  const within = script.parts[0]?.folder.name ?? folder.name
  const move = within === folder.name ? '' : `cd "${relativePath(folder.name, within)}" && `
  const [begin, end] = isHidden ? ['code=0; ', ' && exit $code'] : ['', '']
  return `(${begin}${move}${binPath(within)} && ${inside.join(' && ')}${end})`
}

/** Lets a command continue after a failing linter, so that the tests after it run. The command as a whole still fails. */
function goOnAfter(command: string): string {
  return `{ ${command} || code=$?; }`
}

function writeCall({ runner, program, args }: RunnerCall, options: readonly string[] = []): string {
  const isLast = runner.lastCounts === true && !args.some(({ text }) => text === '--')
  const own = args.map(({ raw }) => raw)
  return [...program.map(({ raw }) => raw), ...(isLast ? [...own, ...options] : [...options, ...own])].join(
    ' ',
  )
}

interface FoundCall {
  readonly call: RunnerCall
  readonly folder: Folder
  /** Separators between the whole command and appended arguments; undefined if appended arguments do not reach the call. */
  readonly appending: readonly string[] | undefined
}

function callsIn({ call, folder, script, words, members = [] }: CommandPart): readonly FoundCall[] {
  if (call !== undefined) {
    const isOpen = !words.some(({ text }) => text === '--')
    return [{ call, folder, appending: isOpen ? [] : undefined }]
  }
  // Appended arguments would reach all members.
  if (members.length > 0) return members.flatMap(callsIn).map((found) => ({ ...found, appending: undefined }))
  if (script === undefined) return []
  return script.parts.flatMap((part, index) =>
    callsIn(part).map((found) => {
      const reaches = index === script.parts.length - 1 ? found.appending : undefined
      return { ...found, appending: reaches && [...script.separator, ...reaches] }
    }),
  )
}

function relativePath(from: string, to: string): string {
  const up = from === '' ? '' : '../'.repeat(from.split('/').length)
  return `${up}${to}` || '.'
}
