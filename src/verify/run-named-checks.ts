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
import { createBreathe } from '../time/breathe.ts'
import { collectReports, collectScript, prepareReports } from './collect-reports.ts'
import { countTests } from './compare-tests.ts'
import { digestOutput, type OutputDigest } from './output-digest.ts'
import type { NamedTest, ReportReading } from './reports/named-test.ts'
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
}

interface NamesFrom {
  /** Of the tree that is checked. */
  readonly project: Project
  readonly readReport: ReadReport
}

/** Room for what separates the parts of a report. */
const SLACK_BYTES = 64 * 1024
const COLLECT_MS = 30_000
/** A check with less time than this is not run again. */
const LEAST_MS = 1_000

/**
 * Runs checks as `runChecks` does, with a report of the tests where the command allows it. If a program refuses what was
 * added to its command, the check runs again as it is written.
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
  const results = await runChecks(sandbox, {
    ...request,
    async runCommand(_, command, options) {
      const { tests, ...run } = await runNamed(sandbox, command, { options, from })
      logs.set(command, digestOutput(run.output))
      if (tests === undefined) return run
      names.set(command, tests)
      return contradicted({ ...run, tests: countTests(tests) }, tests)
    },
  })
  return results.map((result) => {
    const { command } = result
    return { result, tests: result.tests && names.get(command), log: logs.get(command) }
  })
}

type NamedRun = Omit<Awaited<ReturnType<typeof runProjectCommand>>, 'tests'> & {
  readonly tests?: readonly NamedTest[] | undefined
}

async function runNamed(
  sandbox: Sandbox,
  command: string,
  { options, from }: { readonly options: RunProjectCommandOptions; readonly from: NamesFrom },
): Promise<NamedRun> {
  // A path that no code of the repository can know before.
  const folder = `/tmp/test-reports-${randomBytes(16).toString('hex')}`
  const instrumented = await instrument(command, { project: from.project, folder })
  if (instrumented === undefined)
    return { ...(await runProjectCommand(sandbox, command, options)), tests: undefined }
  const raw = await runInstrumented(sandbox, instrumented, { options, folder })
  const { tests, printed, isThere } = await readNames(raw, { instrumented, folder, options, from })
  const run = await commandRun(command, printed === undefined ? raw : { ...raw, printed }, options)
  const leftMs = options.timeoutMs - raw.durationMs
  const mayBeRefused = run.exitCode !== 0 && !raw.timedOut && !instrumented.isSafe && leftMs >= LEAST_MS
  if (isThere || !mayBeRefused) return { ...run, tests }
  return {
    ...(await runProjectCommand(sandbox, command, { ...options, timeoutMs: leftMs })),
    tests: undefined,
  }
}

function runInstrumented(
  sandbox: Sandbox,
  instrumented: InstrumentedCommand,
  { options, folder }: { readonly options: RunProjectCommandOptions; readonly folder: string },
): Promise<RawRun> {
  const printsReport = instrumented.reports.some(({ source }) => source.kind === 'output')
  const variant = {
    command: `${prepareReports(folder, instrumented.files)}${instrumented.command}`,
    env: instrumented.env,
    maxOutputBytes: printsReport ? MAX_REPORT_BYTES : SLACK_BYTES * 4,
    next: {
      command: collectScript(folder, instrumented.reports),
      cwd: options.workspace,
      timeoutMs: COLLECT_MS,
      maxOutputBytes: MAX_REPORT_BYTES + SLACK_BYTES,
    },
  }
  return runRaw(sandbox, variant, options)
}

interface ReadNames {
  readonly tests?: readonly NamedTest[] | undefined
  /** What people read in place of what was printed, where that was a report. */
  readonly printed?: string | undefined
  /** True if some report is there, though it may be unreadable. */
  readonly isThere: boolean
}

async function readNames(
  raw: RawRun,
  {
    instrumented: { reports },
    folder,
    options: { workspace, signal },
    from: { readReport },
  }: {
    readonly instrumented: InstrumentedCommand
    readonly folder: string
    readonly options: RunProjectCommandOptions
    readonly from: NamesFrom
  },
): Promise<ReadNames> {
  const texts = collectReports(folder, { printed: raw.printed, collected: raw.nextPrinted, reports })
  const readings: ReportReading[] = []
  let printed: string | undefined
  for (const [index, { format, folder: inside }] of reports.entries()) {
    const place = { root: workspace, folder: inside }
    const reading = await readReport({ format, texts: texts[index] ?? [], place })
    signal.throwIfAborted()
    if (reading?.printed !== undefined) printed = reading.printed
    readings.push(reading ?? { problem: 'reading its report took too long' })
  }
  const isThere = readings.some((reading) => !('problem' in reading) || reading.isAbsent !== true)
  const tests = raw.timedOut ? undefined : await joinReadings(readings, raw.exitCode)
  return { tests, printed, isThere }
}

/** Undefined unless each report that is there can be read, and one is there. */
async function joinReadings(
  readings: readonly ReportReading[],
  exitCode: number,
): Promise<readonly NamedTest[] | undefined> {
  const breathe = createBreathe()
  const tests = new Map<string, NamedTest>()
  let isRead = false
  for (const reading of readings) {
    if ('problem' in reading) {
      if (reading.isAbsent !== true) return undefined
      continue
    }
    isRead = true
    const repeated = new Set(exitCode === 0 ? reading.mixed : [])
    for (const [index, test] of reading.tests.entries()) {
      // A report may have 50,000.
      if (index % 1000 === 0) await breathe()
      const known = tests.get(test.name)
      if (known?.status === 'failed') continue
      // A runner that repeats what fails says by its exit code that this was enough.
      tests.set(test.name, repeated.has(test.name) ? { ...test, status: 'passed' } : test)
    }
  }
  return isRead ? [...tests.values()] : undefined
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
