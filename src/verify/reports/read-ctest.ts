import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

/** `3/8 Test #3: bad .......***Failed    0.01 sec` */
const TEST =
  /^ {0,8}\d{1,7}\/\d{1,7} Test {1,8}#\d{1,7}: (\S.{0,400}?) ?\.{2,}(?:\*{3}| {1,3})(\S.{0,200}) [\d.]{1,12} sec/
/** Disabled tests are not counted. */
const SUMMARY = /^\d{1,3}% tests passed, \d{1,9} tests? failed out of (\d{1,9})/

/**
 * Reads what CTest prints, for example under `make test`. It is unreadable if the summary counts other tests than the
 * lines name.
 *
 * @param lines the output, without control sequences.
 */
export function readCtest(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  const named = new Set<string>()
  let counted = 0
  let summaries = 0
  for (const line of lines) {
    const [, name, said = ''] = TEST.exec(line) ?? []
    if (name !== undefined) {
      const status = statusOf(said.trim())
      list.add({ path: [name], status })
      // A test that is repeated until it passes has several lines.
      if (!said.includes('(Disabled)')) named.add(name)
    }
    const total = SUMMARY.exec(line)?.[1]
    if (total === undefined) continue
    counted += Number(total)
    summaries++
  }
  if (summaries === 0) return { problem: 'it has no summary', isAbsent: true }
  return named.size === counted ? list.reading() : { problem: 'what the tests print breaks their lines' }
}

function statusOf(said: string): TestStatus {
  if (said === 'Passed') return 'passed'
  return said === 'Skipped' || said.includes('(Disabled)') ? 'skipped' : 'failed'
}
