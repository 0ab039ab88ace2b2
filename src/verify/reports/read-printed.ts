import { createTestList, type ReportPlace, type ReportReading } from './named-test.ts'
import { readAutomake } from './read-automake.ts'
import { readCargo } from './read-cargo.ts'
import { readCtest } from './read-ctest.ts'
import { readGoLines, withoutPassedGo } from './read-go-lines.ts'
import { readProve } from './read-prove.ts'
import { readUnittest } from './read-unittest.ts'

const READERS = [readAutomake, readCtest, readProve, readCargo, readUnittest, readGoLines]

/**
 * Reads the results of test programs that a command reaches through something else, such as a makefile, and that print
 * the name of each test and how many there were: the harness of automake, CTest, `prove`, libtest of Rust, unittest and Go's
 * tests with `-v`. Without these, or if one of them cannot be read, it counts as no report, since the command may have others.
 *
 * @param lines the output, without control sequences.
 */
export function readPrinted(lines: readonly string[], place: ReportPlace): ReportReading {
  const readings = READERS.map((read) => read(lines, place))
  const list = createTestList(place)
  let isRead = false
  for (const reading of readings) {
    if (!('problem' in reading)) {
      isRead = true
      for (const { name, status } of reading.tests) list.add({ path: [name], status })
    } else if (reading.isAbsent !== true)
      return { problem: reading.problem, isAbsent: true, ...printedBy(lines) }
  }
  return isRead
    ? { ...list.reading(), ...printedBy(lines) }
    : { problem: 'it names no tests', isAbsent: true }
}

/** What people would have seen without the `-v` that Backspace adds for Go. */
function printedBy(lines: readonly string[]): Pick<ReportReading, 'printed'> {
  const shorter = withoutPassedGo(lines)
  return shorter.length === lines.length ? {} : { printed: shorter.join('\n') }
}
