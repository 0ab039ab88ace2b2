import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'
import { addGoPackage, TEST_PANICS } from './read-go.ts'

/** A line of `go test -v`; what a test prints without a line break comes before it on the same line. */
const STARTED = /=== RUN {3}(\S+)$/
const ENDED = /--- (PASS|FAIL|SKIP): (\S+) \(\d+(?:\.\d+)?s\)$/
/** `=== PAUSE`, `=== CONT` and `=== NAME` say whose output follows. */
const OTHER = /=== (?:PAUSE|CONT|NAME) {1,2}(\S+)$/
/** The line after the tests of a package: `ok  	example.com/a	0.01s`, `FAIL	example.com/b [build failed]`. */
const PACKAGE = /^(ok {2}|FAIL|\? {3})\t(\S+)(?:$|\s)/
/** Lines before it that `go test` prints of a package only with `-v`. */
const OF_PACKAGE = /^(?:PASS|coverage: .*)$/
const STATUS: Readonly<Record<string, TestStatus>> = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' }

/**
 * Reads what `go test -v` prints, package by package. If a package passes and one of its tests has no result, or if tests
 * belong to no package, the report is unreadable: something else has printed in between.
 *
 * @param lines the output, without control sequences.
 */
export function readGoLines(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  let tests = new Map<string, TestStatus | undefined>()
  let packages = 0
  let panicked = false
  for (const line of lines) {
    const started = STARTED.exec(line)?.[1]
    if (started !== undefined) {
      tests.set(started, undefined)
      continue
    }
    const [, word, name] = ENDED.exec(line) ?? []
    if (word !== undefined && name !== undefined) {
      if (!tests.has(name)) return { problem: BROKEN }
      tests.set(name, STATUS[word])
      continue
    }
    panicked ||= TEST_PANICS.test(line)
    const [, verdict, path] = PACKAGE.exec(line) ?? []
    if (path === undefined) continue
    const failed = verdict === 'FAIL'
    if (!failed && [...tests.values()].includes(undefined)) return { problem: BROKEN }
    addGoPackage(list, { name: path, tests, failed, panicked })
    tests = new Map()
    panicked = false
    packages++
  }
  if (tests.size > 0) return { problem: BROKEN }
  return packages === 0 ? { problem: 'go printed no package', isAbsent: true } : list.reading()
}

const BROKEN = 'what the tests print breaks their lines'

/**
 * The lines without those of tests that passed or were skipped, as `go test` prints them without `-v`. Output of tests
 * that did not end comes before the line of their package.
 *
 * @param lines the output, without control sequences.
 */
export function withoutPassedGo(lines: readonly string[]): readonly string[] {
  const kept: string[] = []
  const held = new Map<string, string[]>()
  let current: string | undefined
  for (const line of lines) {
    const now = (STARTED.exec(line) ?? OTHER.exec(line))?.[1]
    if (now !== undefined) {
      current = topOf(now)
      if (!held.has(current)) held.set(current, [])
      continue
    }
    const [, word, name = ''] = ENDED.exec(line) ?? []
    if (word !== undefined) {
      const top = topOf(name)
      if (word === 'FAIL') kept.push(...(held.get(top) ?? []), line)
      held.delete(top)
      current = undefined
      continue
    }
    if (PACKAGE.test(line)) {
      while (OF_PACKAGE.test(kept.at(-1) ?? '')) kept.pop()
      kept.push(...[...held.values()].flat())
      held.clear()
      current = undefined
    }
    const of = current === undefined ? undefined : held.get(current)
    if (of === undefined) kept.push(line)
    else of.push(line)
  }
  return [...kept, ...[...held.values()].flat()]
}

function topOf(test: string): string {
  return test.split('/', 1)[0] ?? test
}
