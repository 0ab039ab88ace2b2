import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

/** `test_zero (tests.test_a.Adding.test_zero) ... ok`; before Python 3.11 the brackets have no name of the test. */
const TEST = /^([^\s(][^(]{0,200}) \(([\w.<>]{1,400})\)(.*)$/
const ENDING = /(?:^|[^\w])(ok|FAIL|ERROR|skipped ['"].*|expected failure|unexpected success)$/
const FAILURE = /^(?:FAIL|ERROR): ([^\s(][^(]{0,200}) \(([\w.<>]{1,400})\)/
const BROKEN = /^ERROR: ([^\s(][^(]{0,200}) \(unittest\.loader\._FailedTest/
const COUNT = /^Ran (\d+) tests? in /

/**
 * Reads the output of `python -m unittest -v` and of Django's `manage.py test -v 2`. If the number of named tests differs
 * from the count, for example because tests print within these lines, the whole report is unreadable.
 *
 * @param lines the output, without control sequences.
 */
export function readUnittest(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  let pending: string | undefined
  let named = 0
  let ran: number | undefined
  const failedInPart: string[] = []
  for (const line of lines) {
    const count = COUNT.exec(line)
    if (count) ran = (ran ?? 0) + Number(count[1])
    const failure = FAILURE.exec(line)
    if (failure) {
      const name = BROKEN.test(line) ? (failure[1] ?? '') : nameOf(failure[1] ?? '', failure[2] ?? '')
      failedInPart.push(name)
      continue
    }
    const test = TEST.exec(line)
    if (test) pending = nameOf(test[1] ?? '', test[2] ?? '')
    if (pending === undefined) continue
    const status = statusOf(test ? (test[3] ?? '') : line)
    if (status === undefined) continue
    list.add({ path: [pending], status })
    pending = undefined
    named++
  }
  if (ran === undefined) return { problem: 'it did not get to the end', isAbsent: true }
  // Adds failures in subtests and class fixtures, and modules that cannot be imported.
  for (const name of failedInPart) list.add({ path: [name], status: 'failed' })
  // A test with failed subtests has no line of its own; neither have tests of skipped classes before Python 3.12.
  const reading = list.reading()
  if ('problem' in reading) return reading
  return ran > Math.max(named, reading.tests.length) || named > ran + failedInPart.length
    ? { problem: 'what the tests print breaks their lines' }
    : reading
}

function statusOf(rest: string): TestStatus | undefined {
  const word = ENDING.exec(rest.trimEnd())?.[1]
  if (word === undefined) return undefined
  if (word === 'ok') return 'passed'
  return word.startsWith('skipped') || word === 'expected failure' ? 'skipped' : 'failed'
}

/** Class and test as one name. Python 3.11 and later repeat the test's name in the brackets. */
function nameOf(test: string, where: string): string {
  if (where.startsWith('unittest.loader._FailedTest')) return test
  return where.endsWith(`.${test}`) ? where : `${where}.${test}`
}
