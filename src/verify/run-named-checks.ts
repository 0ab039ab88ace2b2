import { randomBytes } from 'node:crypto'
import type { Project } from '../checks/project.ts'
import {
  type CheckResult,
  commandRun,
  type RawRun,
  type RunChecksRequest,
  type RunProjectCommandOptions,
  runChecks,
  runProjectCommand,
  runRaw,
} from '../checks/run-checks.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { counted } from '../text/amounts.ts'
import { checkEnding } from '../text/check-ending.ts'
import { collectScript, prepareReports, START } from './collect-reports.ts'
import { countTests } from './compare-tests.ts'
import { collectCoverage, coverageScript, MAX_COVERAGE_BYTES } from './line-coverage/collect-coverage.ts'
import type { CoverageReading } from './line-coverage/read-coverage.ts'
import {
  coverageAsk,
  coverageLimit,
  mayBlameCoverage,
  readCovered,
  saySame,
  type WantedCoverage,
} from './line-coverage/wanted-coverage.ts'
import { digestOutput, type OutputDigest } from './output-digest.ts'
import { readNames } from './read-names.ts'
import { MOST_RED_UNITS, type RedWords, readRedWords } from './red-words.ts'
import type { NamedTest } from './reports/named-test.ts'
import { MAX_REPORT_BYTES, type ReadReport } from './reports/read-report.ts'
import { instrument } from './runners/instrument.ts'
import type { InstrumentedCommand } from './runners/report-wishes.ts'

/** A check that has run, with the names of its tests if a machine report has them. */
export interface NamedCheck {
  /** Its `tests` counts the tests, if their names are known. */
  readonly result: CheckResult
  /** Undefined if the names of this run cannot be read. Up to 50,000, so never put them into an event. */
  readonly tests?: readonly NamedTest[] | undefined
  /** Digest of the whole output. Undefined if the check was not started, or if an older version stored it. */
  readonly log?: OutputDigest | undefined
  /** Present only if the check fails though none of its named tests does, and if its output says why. */
  readonly redWords?: RedWords | undefined
  /** Coverage of the changed lines, if it was wanted and there is a report. */
  readonly coverage?: CoverageReading | undefined
}

interface NamesFrom {
  /** The tree that is checked. */
  readonly project: Project
  readonly readReport: ReadReport
  /** Undefined if coverage is not wanted. */
  readonly coverage?: WantedCoverage | undefined
  /** Restores the checked files before a check runs on them again. */
  readonly restore?: (() => Promise<void>) | undefined
}

/** Bytes for the lines that separate the parts of a report. */
const SLACK_BYTES = 64 * 1024
const COLLECT_MS = 30_000
/** Milliseconds; a check with less time does not run again. */
const LEAST_MS = 1_000

/**
 * Runs checks like `runChecks`, and lets them report their tests where the command allows it. If a program refuses the
 * added options, the check runs again as written. Coverage, if wanted, is measured in the same run; if that run fails,
 * perhaps because of it, the check runs again without coverage.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when the run is cancelled.
 */
export async function runNamedChecks(
  sandbox: Sandbox,
  request: RunChecksRequest,
  from: NamesFrom,
): Promise<readonly NamedCheck[]> {
  const names = new Map<CheckResult['command'], readonly NamedTest[]>()
  const logs = new Map<CheckResult['command'], OutputDigest>()
  const reds = new Map<CheckResult['command'], RedWords | undefined>()
  const covered = new Map<CheckResult['command'], CoverageReading>()
  const results = await runChecks(sandbox, {
    ...request,
    async runCommand(_, command, options) {
      const { tests, coverage, redWords, ...run } = await runNamed(sandbox, command, { options, from })
      if (coverage !== undefined) covered.set(command, coverage)
      logs.set(command, digestOutput(run.output))
      reds.set(command, redWords)
      if (tests === undefined) return run
      names.set(command, tests)
      return contradicted({ ...run, tests: countTests(tests) }, tests)
    },
  })
  return results.map((result) => {
    const { command } = result
    const tests = result.tests && names.get(command)
    const [log, coverage, redWords] = [logs.get(command), covered.get(command), reds.get(command)]
    return { result, tests, log, coverage, redWords }
  })
}

type NamedRun = Omit<Awaited<ReturnType<typeof runProjectCommand>>, 'tests'> & {
  readonly tests?: readonly NamedTest[] | undefined
  readonly coverage?: CoverageReading | undefined
  readonly redWords?: RedWords | undefined
}

interface RunFrom {
  readonly options: RunProjectCommandOptions
  readonly from: NamesFrom
}

async function runNamed(sandbox: Sandbox, command: string, { options, from }: RunFrom): Promise<NamedRun> {
  const { coverage } = from
  const earlier = coverage?.earlier(command)
  const limitMs = coverage && coverageLimit(earlier, options.timeoutMs)
  if (limitMs === undefined) return (await runOnce(sandbox, command, { options, from })).run
  const { run: first, asked } = await runOnce(sandbox, command, { options, from, coverageMs: limitMs })
  if (!asked || !mayBlameCoverage({ result: first, tests: first.tests }, earlier)) return first
  await from.restore?.()
  // With its full time limit, because coverage must not be the reason why a check does not end.
  const { run: plain } = await runOnce(sandbox, command, { options, from })
  if (saySame(first.tests, plain.tests)) return { ...plain, coverage: first.coverage }
  if (plain.exitCode !== 0 || checkEnding(first) !== 'failed') return plain
  // Either coverage breaks the check, or the check is flaky; a third run shows which.
  await from.restore?.()
  const { run: third } = await runOnce(sandbox, command, { options, from, coverageMs: limitMs })
  return third.exitCode === 0 ? { ...third, failedFirst: first.exitCode } : plain
}

/**
 * @param of.coverageMs the most milliseconds for a run with coverage. Undefined: coverage is not asked for, and only
 * reports that the check writes itself are read.
 */
async function runOnce(
  sandbox: Sandbox,
  command: string,
  { options: given, from, coverageMs }: RunFrom & { readonly coverageMs?: number | undefined },
): Promise<{ readonly run: NamedRun; readonly asked: boolean }> {
  // A random path, which no code of the repository can know in advance.
  const folder = `/tmp/test-reports-${randomBytes(16).toString('hex')}`
  const { project, coverage: wanted } = from
  const { workspace: root, signal } = given
  const ask = coverageMs !== undefined && wanted ? await coverageAsk(wanted, { project, root }) : undefined
  const known = await instrument(command, { project, folder, coverage: ask })
  const instrumented = known ?? (wanted && { ...NOTHING_ADDED, command })
  if (instrumented === undefined) return { run: await runUnnamed(sandbox, command, given), asked: false }
  const { asksForCoverage: asked } = instrumented
  const options = asked && coverageMs !== undefined ? { ...given, timeoutMs: coverageMs } : given
  const all = await runInstrumented(sandbox, instrumented, {
    title: command,
    options,
    folder,
    isCovered: wanted !== undefined,
  })
  const { before, texts } = collectCoverage(all.nextPrinted ?? '', { folder, asked: instrumented.coverage })
  const raw = { ...all, nextPrinted: all.nextPrinted && before }
  // Coverage of a run that did not end would be incomplete.
  const isWhole = wanted !== undefined && !raw.timedOut
  const coverage = isWhole ? await readCovered(texts, { ...wanted, project, root }) : undefined
  signal.throwIfAborted()
  const { tests, printed, isThere } = await readNames(raw, {
    reports: instrumented.reports,
    folder,
    options,
    from,
  })
  const run = await commandRun(command, printed === undefined ? raw : { ...raw, printed }, options)
  const isUnexplained =
    checkEnding(run) === 'failed' && tests !== undefined && tests.every(({ status }) => status !== 'failed')
  const redWords = isUnexplained ? await readRedWords(raw.printed, printed) : undefined
  const leftMs = options.timeoutMs - raw.durationMs
  const isUnsure = run.exitCode === 0 ? instrumented.isTakenApart : !instrumented.isSafe
  const mayBeRefused = isUnsure && !raw.timedOut && leftMs >= LEAST_MS
  if (isThere || !mayBeRefused || (asked && run.exitCode !== 0))
    return { run: { ...run, tests, coverage, redWords }, asked }
  return { run: await runUnnamed(sandbox, command, { ...options, timeoutMs: leftMs }), asked }
}

async function runUnnamed(
  sandbox: Sandbox,
  command: string,
  options: RunProjectCommandOptions,
): Promise<NamedRun> {
  return { ...(await runProjectCommand(sandbox, command, options)), tests: undefined }
}

const NOTHING_ADDED = {
  env: {},
  files: {},
  reports: [],
  coverage: [],
  asksForCoverage: false,
  isSafe: true,
  isTakenApart: false,
} satisfies Omit<InstrumentedCommand, 'command'>

function runInstrumented(
  sandbox: Sandbox,
  instrumented: InstrumentedCommand,
  {
    title,
    options,
    folder,
    isCovered,
  }: {
    readonly title: string
    readonly options: RunProjectCommandOptions
    readonly folder: string
    readonly isCovered: boolean
  },
): Promise<RawRun> {
  const { reports, coverage: asked } = instrumented
  const more = isCovered ? coverageScript({ folder, start: `${folder}/${START}`, asked }) : ''
  const printsReport = reports.some(({ source }) => source.kind === 'output')
  const variant = {
    title,
    command: `${prepareReports(folder, instrumented.files)}${instrumented.command}`,
    env: instrumented.env,
    maxOutputBytes: printsReport ? MAX_REPORT_BYTES : MOST_RED_UNITS,
    next: {
      command: collectScript(folder, reports, more),
      cwd: options.workspace,
      timeoutMs: COLLECT_MS,
      maxOutputBytes: MAX_REPORT_BYTES + (isCovered ? MAX_COVERAGE_BYTES : 0) + SLACK_BYTES,
    },
  }
  return runRaw(sandbox, variant, options)
}

const SHOWN = 5

/** Turns exit code 0 with failed tests into a failure, since something between the tests and the shell hides them. */
function contradicted<Result extends CheckResult>(result: Result, tests: readonly NamedTest[]): Result {
  const failed = tests.filter(({ status }) => status === 'failed')
  if (result.exitCode !== 0 || failed.length === 0) return result
  const names = failed.slice(0, SHOWN).map(({ name }) => name.slice(0, 200))
  const more = failed.length > SHOWN ? ', …' : ''
  const tail = `${result.tail}\n\n(It ended with exit code 0, but ${counted(failed.length, 'test')} failed: ${names.join(', ')}${more})`
  return { ...result, exitCode: 1, tail: tail.trimStart() }
}
