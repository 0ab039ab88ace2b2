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
import type { NamedTest } from './reports/named-test.ts'
import { MAX_REPORT_BYTES, type ReadReport } from './reports/read-report.ts'
import { type InstrumentedCommand, instrument } from './runners/instrument.ts'

/** One check, with the names of its tests where a machine report has them. */
export interface NamedCheck {
  /** `tests` counts them, if there are names. */
  readonly result: CheckResult
  /** Undefined if they cannot be read of this run. Up to 50,000: never for an event. */
  readonly tests?: readonly NamedTest[] | undefined
  /** Of all that people could read of its output. Undefined if it was not started, or an older version kept it. */
  readonly log?: OutputDigest | undefined
  /** Of the changed lines, if it was wanted and some report is there. */
  readonly coverage?: CoverageReading | undefined
}

interface NamesFrom {
  /** Of the tree that is checked. */
  readonly project: Project
  readonly readReport: ReadReport
  /** Undefined if coverage is not wanted. */
  readonly coverage?: WantedCoverage | undefined
  /** Brings back the files that are checked as they were, before a check runs on them again. */
  readonly restore?: (() => Promise<void>) | undefined
}

/** Room for what separates the parts of a report. */
const SLACK_BYTES = 64 * 1024
const COLLECT_MS = 30_000
/** A check with less time than this is not run again. */
const LEAST_MS = 1_000

/**
 * Runs checks as `runChecks` does, with a report of the tests where the command allows it. If a program refuses what was
 * added to its command, the check runs again as it is written. Where coverage is wanted it is measured by the same run; if
 * that fails and may fail for it, the check runs again without.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runNamedChecks(
  sandbox: Sandbox,
  request: RunChecksRequest,
  from: NamesFrom,
): Promise<readonly NamedCheck[]> {
  const names = new Map<CheckResult['command'], readonly NamedTest[]>()
  const logs = new Map<CheckResult['command'], OutputDigest>()
  const covered = new Map<CheckResult['command'], CoverageReading>()
  const results = await runChecks(sandbox, {
    ...request,
    async runCommand(_, command, options) {
      const { tests, coverage, ...run } = await runNamed(sandbox, command, { options, from })
      if (coverage !== undefined) covered.set(command, coverage)
      logs.set(command, digestOutput(run.output))
      if (tests === undefined) return run
      names.set(command, tests)
      return contradicted({ ...run, tests: countTests(tests) }, tests)
    },
  })
  return results.map((result) => {
    const { command } = result
    const tests = result.tests && names.get(command)
    return { result, tests, log: logs.get(command), coverage: covered.get(command) }
  })
}

type NamedRun = Omit<Awaited<ReturnType<typeof runProjectCommand>>, 'tests'> & {
  readonly tests?: readonly NamedTest[] | undefined
  readonly coverage?: CoverageReading | undefined
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
  // With all of its time: coverage must not be the reason that it does not end.
  const { run: plain } = await runOnce(sandbox, command, { options, from })
  if (saySame(first.tests, plain.tests)) return { ...plain, coverage: first.coverage }
  if (plain.exitCode !== 0 || checkEnding(first) !== 'failed') return plain
  // Coverage breaks it, or it fails now and then.
  await from.restore?.()
  const { run: third } = await runOnce(sandbox, command, { options, from, coverageMs: limitMs })
  return third.exitCode === 0 ? { ...third, failedFirst: first.exitCode } : plain
}

/**
 * @param of.coverageMs the most that a run may take for which coverage is asked, if the command allows it. Undefined: it is
 * not asked for, and only what the check writes itself is read.
 */
async function runOnce(
  sandbox: Sandbox,
  command: string,
  { options: given, from, coverageMs }: RunFrom & { readonly coverageMs?: number | undefined },
): Promise<{ readonly run: NamedRun; readonly asked: boolean }> {
  // A path that no code of the repository can know before.
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
  // Of a run that did not end, it would say too little.
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
  const leftMs = options.timeoutMs - raw.durationMs
  const isUnsure = run.exitCode === 0 ? instrumented.isTakenApart : !instrumented.isSafe
  const mayBeRefused = isUnsure && !raw.timedOut && leftMs >= LEAST_MS
  if (isThere || !mayBeRefused || (asked && run.exitCode !== 0))
    return { run: { ...run, tests, coverage }, asked }
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
    maxOutputBytes: printsReport ? MAX_REPORT_BYTES : SLACK_BYTES * 4,
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

/** Exit code 0 beside tests that failed is no success: something between the tests and the shell hides them. */
function contradicted<Result extends CheckResult>(result: Result, tests: readonly NamedTest[]): Result {
  const failed = tests.filter(({ status }) => status === 'failed')
  if (result.exitCode !== 0 || failed.length === 0) return result
  const names = failed.slice(0, SHOWN).map(({ name }) => name.slice(0, 200))
  const more = failed.length > SHOWN ? ', …' : ''
  const tail = `${result.tail}\n\n(It ended with exit code 0, but ${counted(failed.length, 'test')} failed: ${names.join(', ')}${more})`
  return { ...result, exitCode: 1, tail: tail.trimStart() }
}
