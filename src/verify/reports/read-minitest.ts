import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

/** `SumTest#test_adds = 0.00 s = .` */
const TEST = /^(\S[^=]{0,600}#[^=]{1,600}) = [\d.]+ s = (?:[^.FES]*)([.FES])$/
/** `4 runs, 3 assertions, 1 failures, 0 errors, 1 skips` */
const COUNT = /^(\d+) (?:runs|tests), \d+ assertions, /
const STATUSES: Readonly<Record<string, TestStatus>> = { '.': 'passed', S: 'skipped' }

/**
 * Reads the output of minitest with `--verbose`. It is unreadable if the number of named tests differs from the count.
 *
 * @param lines the output, without control sequences.
 */
export function readMinitest(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  let named = 0
  let ran: number | undefined
  for (const line of lines) {
    const count = COUNT.exec(line)
    if (count) ran = (ran ?? 0) + Number(count[1])
    const test = TEST.exec(line)
    if (test === null) continue
    named++
    list.add({ path: [test[1]], status: STATUSES[test[2] ?? ''] ?? 'failed' })
  }
  if (ran === undefined) return { problem: 'it did not get to the end', isAbsent: true }
  return ran === named ? list.reading() : { problem: 'what the tests print breaks their lines' }
}
