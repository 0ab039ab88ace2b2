import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

const RESULT = /^(PASS|FAIL|XFAIL|XPASS|SKIP|ERROR): (\S.{0,600})$/
const STATUSES: Readonly<Record<string, TestStatus>> = {
  PASS: 'passed',
  XPASS: 'failed',
  FAIL: 'failed',
  ERROR: 'failed',
  XFAIL: 'skipped',
  SKIP: 'skipped',
}
const ENTERS = /^g?make\[\d{1,4}\]: (Entering|Leaving) directory ['`](.{1,600})'$/
const LINE = /^=+$/
/** The old, serial harness. Its count leaves out tests that were not run. */
const SERIAL =
  /^(?:(?:All )?(\d{1,9}) tests? (?:passed|behaved as expected)|\d{1,9} of (\d{1,9}) tests? (?:failed|did not behave))/

/**
 * Reads what the harness of automake prints under `make check`: results by folder, each list with a summary. It is
 * unreadable if a summary counts other tests than its list names.
 *
 * @param lines the output, without control sequences.
 */
export function readAutomake(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  const folders: string[] = []
  let results = new Map<string, string>()
  let summaries = 0
  let part: 'results' | 'log' | 'summary' = 'results'
  for (const [at, line] of lines.entries()) {
    const [, way, folder = ''] = ENTERS.exec(line) ?? []
    if (way === 'Entering') folders.push(folder)
    else if (way === 'Leaving') folders.pop()
    // With VERBOSE, the log of failed tests comes between the results and their summary.
    else if (/^ {3}\S.*test-suite\.log$/.test(line)) part = 'log'
    else if (line.startsWith('Testsuite summary')) part = 'summary'
    const total = part === 'summary' ? /^# TOTAL: (\d{1,9})$/.exec(line)?.[1] : undefined
    const serial = LINE.test(lines[at - 1] ?? '') ? SERIAL.exec(line) : null
    const count = total ?? serial?.[1] ?? serial?.[2]
    if (count !== undefined && (total !== undefined || results.size > 0)) {
      const counted = [...results.values()].filter((word) => total !== undefined || word !== 'SKIP')
      if (counted.length !== Number(count)) return { problem: 'what the tests print breaks their lines' }
      for (const [name, word] of results)
        list.add({ path: [folders.at(-1), name], status: STATUSES[word] ?? 'failed' })
      results = new Map()
      summaries++
      part = 'results'
    } else if (part === 'results') {
      const [, word, name] = RESULT.exec(line) ?? []
      if (word !== undefined && name !== undefined) results.set(name.trimEnd(), word)
    }
  }
  return summaries === 0 ? { problem: 'it has no summary', isAbsent: true } : list.reading()
}
