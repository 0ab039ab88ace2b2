import type { Folder, Project } from '../../checks/project.ts'
import { runsTests } from '../../text/code-checkers.ts'
import type { CoverageFormat } from '../line-coverage/read-coverage.ts'
import type { ReportFormat } from '../reports/read-report.ts'
import { binPath } from './bin-path.ts'
import { isBehindChecker, isChecker, isCheckingHook } from './code-checkers.ts'
import { startsOthers } from './find-call.ts'
import { rspecReport } from './other-runners.ts'
import { pytestReport } from './python-runners.ts'
import { type CommandPart, filesIn, folderAt, resolveCommand } from './resolve-command.ts'
import type { CoverageAsk, ReportFiles, ReportWish, RunnerCall } from './runner.ts'

/** A command that runs the same tests and writes reports. */
export interface InstrumentedCommand {
  readonly command: string
  readonly env: Readonly<Record<string, string>>
  /** Files to write before the command runs: text by path. */
  readonly files: Readonly<Record<string, string>>
  readonly reports: readonly WantedReport[]
  readonly coverage: readonly AskedCoverage[]
  /** True if options were added only for coverage. */
  readonly asksForCoverage: boolean
  /** True if every version of the programs accepts the added options, so that a failure comes from the tests. */
  readonly isSafe: boolean
  /** True if each member of a workspace runs by a command of its own. Then success without any report may be of no test. */
  readonly isTakenApart: boolean
}

export interface WantedReport {
  readonly format: ReportFormat
  readonly source: ReportWish['source']
  /** Folder in which the runner runs, relative to the workspace. */
  readonly folder: string
}

export interface AskedCoverage {
  readonly format: CoverageFormat
  /** Absolute path, which may have `*` in its last part. */
  readonly pattern: string
  /** Folder in which the runner runs, relative to the workspace. */
  readonly folder: string
}

/** Formats whose runners accept the added options in every version that is still in use. */
const SAFE = new Set<ReportFormat>(['go', 'cargo', 'unittest', 'tape', 'minitest', 'junit', 'printed'])

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
    if (mayPrint && runsTests(command)) wishes.addPrinted()
  }
  return wishes.reports.length === 0
    ? undefined
    : { ...wishes.taken(), command: text ?? command, isTakenApart: hasMembers(parts ?? []) }
}

/** Whether it is not known what a part starts, as in `make test`. */
function isOpaque({ call, script, members }: CommandPart): boolean {
  return !call && !script && !members
}

function hasMembers(parts: readonly CommandPart[]): boolean {
  return parts.some(({ members, script }) => members !== undefined || hasMembers(script?.parts ?? []))
}

/** Programs that compile the code that they run, or measure coverage themselves. */
const COMPILES = /(?:^|\/)(?:tsx|nyc)$/

interface Wishes {
  readonly mayAskForCoverage: boolean
  readonly reports: WantedReport[]
  /** @returns the options to add; undefined if there will be no report of this call. */
  add(call: RunnerCall, folder: Folder): readonly string[] | undefined
  /** Adds variables that runners read however they are started. */
  addUsual(root: Folder): void
  /** Has the output searched for results of test programs that something else starts. */
  addPrinted(): void
  taken(): Omit<InstrumentedCommand, 'command' | 'isTakenApart'>
}

function createWishes(place: ReportFiles): Wishes {
  const env: Record<string, string> = {}
  const files: Record<string, string> = {}
  const reports: WantedReport[] = []
  const coverage: AskedCoverage[] = []
  const names = new Map<string, number>()
  let isSafe = true
  let asksForCoverage = false

  /** Gives each call of a runner its own files, since a command may call a runner twice. */
  function filesOfCall(folder: string): ReportFiles {
    const own = new Map<string, string>()
    return {
      coverage: place.coverage && { ...place.coverage, files: filesIn(folder, place.coverage.files) },
      path(name) {
        const known = own.get(name)
        if (known !== undefined) return known
        const count = (names.get(name) ?? 0) + 1
        names.set(name, count)
        const path = place.path(count === 1 || name === '' ? name : `${count}-${name}`)
        own.set(name, path)
        return path
      },
    }
  }

  function take(wish: ReportWish, folder: string): boolean {
    const variables = Object.entries(wish.env ?? {})
    // The variable belongs to an earlier call; with it, both calls would write to one file.
    if (variables.some(([name]) => env[name] !== undefined)) return false
    for (const [name, value] of variables) env[name] = value
    Object.assign(files, wish.files)
    if (!SAFE.has(wish.format) || wish.source.kind === 'files') isSafe = false
    reports.push({ format: wish.format, source: wish.source, folder })
    if (wish.coverage === undefined) return true
    const { format, pattern, isOwn = false } = wish.coverage
    coverage.push({ format, pattern, folder })
    asksForCoverage ||= place.coverage !== undefined && !isOwn
    return true
  }

  return {
    mayAskForCoverage: place.coverage !== undefined,
    reports,
    add({ runner, program, args }, { name }) {
      const files = filesOfCall(name)
      const wish = runner.report(
        args.map(({ text }) => text),
        program.some(({ text }) => COMPILES.test(text)) ? { ...files, coverage: undefined } : files,
      )
      // A variable that the call sets itself overrides the environment.
      const own = program.flatMap(({ text }) => /^([A-Za-z_]\w*)=/.exec(text)?.[1] ?? [])
      if (wish === undefined || own.some((variable) => wish.env?.[variable] !== undefined)) return undefined
      const forCoverage = wish.coverage?.add ?? []
      if (take(wish, name)) return [...(wish.add ?? []), ...forCoverage]
      // The options that the environment already has apply to this call as well.
      return runner.coverageGoesFirst === true && asksForCoverage ? forCoverage : undefined
    },
    addUsual({ files: known }) {
      if (known.some((file) => file.endsWith('.py'))) take(pytestReport(filesOfCall('')), '')
      if (known.some((file) => file.endsWith('_spec.rb'))) take(rspecReport(filesOfCall('')), '')
    },
    addPrinted: () => void take({ format: 'printed', source: { kind: 'output' } }, ''),
    taken: () => ({
      env,
      files,
      reports,
      coverage,
      asksForCoverage,
      isSafe,
    }),
  }
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

function writeCall({ program, args }: RunnerCall, options: readonly string[] = []): string {
  return [...program.map(({ raw }) => raw), ...options, ...args.map(({ raw }) => raw)].join(' ')
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
