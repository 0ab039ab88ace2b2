import type { RawRun, RunProjectCommandOptions } from '../checks/run-checks.ts'
import { breathe } from '../time/breathe.ts'
import { collectReports } from './collect-reports.ts'
import type { NamedTest, ReportReading } from './reports/named-test.ts'
import type { ReadReport } from './reports/read-report.ts'
import type { WantedReport } from './runners/report-wishes.ts'

interface ReadNames {
  readonly tests?: readonly NamedTest[] | undefined
  /** Text for people that replaces the output, if the output was a machine report. */
  readonly printed?: string | undefined
  /** True if there is a report, even an unreadable one. */
  readonly isThere: boolean
}

/** Reads the names of one run's tests from all of its reports. */
export async function readNames(
  raw: RawRun,
  {
    reports,
    folder,
    options: { workspace, signal },
    from: { readReport },
  }: {
    readonly reports: readonly WantedReport[]
    readonly folder: string
    readonly options: Pick<RunProjectCommandOptions, 'workspace' | 'signal'>
    readonly from: { readonly readReport: ReadReport }
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

/** Joins readings; undefined if there is no report, or if one cannot be read. */
async function joinReadings(
  readings: readonly ReportReading[],
  exitCode: number,
): Promise<readonly NamedTest[] | undefined> {
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
      // A report may have 50,000 tests.
      if (index % 1000 === 0) await breathe()
      const known = tests.get(test.name)
      if (known?.status === 'failed') continue
      // If a runner repeats failed tests, its exit code shows that a repeated one passed in the end.
      tests.set(test.name, repeated.has(test.name) ? { ...test, status: 'passed' } : test)
    }
  }
  return isRead ? [...tests.values()] : undefined
}
