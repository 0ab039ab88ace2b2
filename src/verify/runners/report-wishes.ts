import type { Folder } from '../../checks/project.ts'
import type { CoverageFormat } from '../line-coverage/read-coverage.ts'
import type { ReportFormat } from '../reports/read-report.ts'
import { JVM_REPORT, rspecReport } from './other-runners.ts'
import { pytestReport } from './python-runners.ts'
import { filesIn } from './resolve-command.ts'
import type { ReportFiles, ReportWish, RunnerCall } from './runner.ts'

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

/** Go reads options from here however it is started, and ignores those that a subcommand does not know. */
const GO_NAMES_TESTS = 'export GOFLAGS="$(go env GOFLAGS 2>/dev/null) -v"\n'

/** Programs that compile the code that they run, or measure coverage themselves. */
const COMPILES = /(?:^|\/)(?:tsx|nyc)$/

/** Collects what the calls of a command ask for. */
export interface Wishes {
  readonly mayAskForCoverage: boolean
  readonly reports: WantedReport[]
  /** @returns the options to add; undefined if there will be no report of this call. */
  add(call: RunnerCall, folder: Folder): readonly string[] | undefined
  /** Adds variables that runners read however they are started. */
  addUsual(root: Folder): void
  /** Has the output searched for results of test programs that something else starts. */
  addPrinted(root: Folder): void
  /** Bash to run before the command, in the same shell. */
  start(): string
  taken(): Omit<InstrumentedCommand, 'command' | 'isTakenApart'>
}

export function createWishes(place: ReportFiles): Wishes {
  const env: Record<string, string> = {}
  const files: Record<string, string> = {}
  const reports: WantedReport[] = []
  const coverage: AskedCoverage[] = []
  const names = new Map<string, number>()
  let isSafe = true
  let asksForCoverage = false
  let start = ''

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
    addPrinted({ files: known }) {
      const has = (name: RegExp) => known.some((file) => name.test(file))
      if (has(/(?:^|\/)go\.mod$/)) start = GO_NAMES_TESTS
      if (has(/(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?|build\.sbt)$/)) take(JVM_REPORT, '')
      take({ format: 'printed', source: { kind: 'output' } }, '')
    },
    start: () => start,
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
