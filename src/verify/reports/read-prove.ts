import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

/** `t/a.t .. ok`; what follows the dots is in a later line if the file fails, or if every test is printed. */
const FILE = /^(\S.{0,400}?) \.{2,} ?(.{0,200})$/
const LATER =
  /^(?:(ok)$|Failed \d{1,9}\/\d{1,9} subtests|Dubious, test returned|No subtests run|All \d{1,9} subtests passed)/
const COUNT = /^Files=(\d{1,9}), Tests=\d{1,9},/

/**
 * Reads what Perl's `prove` and Test::Harness print, one result for each file. It is unreadable if the count of files
 * differs from the named ones.
 *
 * @param lines the output, without control sequences.
 */
export function readProve(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  const named = new Set<string>()
  let pending: string | undefined
  let counted: number | undefined
  const add = (file: string, status: TestStatus) => {
    named.add(file)
    list.add({ path: [], file, status })
  }
  for (const line of lines) {
    const count = COUNT.exec(line)?.[1]
    if (count !== undefined) counted = (counted ?? 0) + Number(count)
    const [, file, said = ''] = FILE.exec(line) ?? []
    const later = LATER.exec(line)
    if (file !== undefined && said === 'ok') add(file, 'passed')
    else if (file !== undefined && said.startsWith('skipped')) add(file, 'skipped')
    else if (file !== undefined && LATER.test(said)) add(file, 'failed')
    else if (file !== undefined && said.trim() === '') pending = file
    else if (pending !== undefined && later !== null) {
      add(pending, later[1] === 'ok' ? 'passed' : 'failed')
      pending = undefined
    }
  }
  if (counted === undefined) return { problem: 'it did not get to the end', isAbsent: true }
  return named.size === counted ? list.reading() : { problem: 'what the tests print breaks their lines' }
}
