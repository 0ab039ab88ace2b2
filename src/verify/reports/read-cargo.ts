import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

const BINARY = /^\s*Running (?:unittests )?(\S+) \((\S+)\)\s*$/
const DOC_TESTS = /^\s*Doc-tests (\S+)\s*$/
const TEST = /^test (.+?) \.\.\. ?(.*)$/
const SUMMARY = /^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured;/
const ENDING = /(?:^|[^\w])(ok|FAILED|ignored(?:, .*)?|bench: .*)(?: <[\d.]+s>)?$/
const COUNTED = ['passed', 'failed', 'skipped'] as const

interface Binary {
  readonly name: string
  readonly tests: { readonly name: string; readonly line: number; readonly status: TestStatus }[]
}

/**
 * Reads the output of libtest under `cargo test`: binaries of unit tests, integration tests and doc tests, one after the
 * other. If the summary of a binary counts other tests than its lines name, the whole report is unreadable, because
 * tests that print have broken the lines.
 *
 * @param lines the output, without control sequences.
 */
export function readCargo(lines: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  let binary: Binary | undefined
  let pending: string | undefined
  let binaries = 0
  for (const line of lines) {
    const started = BINARY.exec(line) ?? DOC_TESTS.exec(line)
    if (started) {
      binary = { name: binaryName(started[1] ?? '', started[2]), tests: [] }
      pending = undefined
      continue
    }
    if (binary === undefined) continue
    const summary = SUMMARY.exec(line)
    if (summary) {
      if (!isCounted(binary, summary.slice(1).map(Number)))
        return { problem: 'what the tests print breaks their lines' }
      addBinary(list, binary)
      binaries++
      binary = undefined
      continue
    }
    const test = TEST.exec(line)
    const name: string | undefined = test?.[1] ?? pending
    if (name === undefined) continue
    const status = statusOf(test ? (test[2] ?? '') : line)
    pending = status === undefined ? name : undefined
    if (status !== undefined) binary.tests.push({ ...withoutLine(name), status })
  }
  // A binary without a summary crashed, so its tests are not known.
  if (binary !== undefined) list.add({ path: [binary.name], status: 'failed' })
  return binaries === 0 && binary === undefined
    ? { problem: 'no test binary ran', isAbsent: true }
    : list.reading()
}

function statusOf(rest: string): TestStatus | undefined {
  const word = ENDING.exec(rest)?.[1]
  if (word === undefined) return undefined
  return word === 'FAILED' ? 'failed' : word.startsWith('ignored') ? 'skipped' : 'passed'
}

function isCounted(
  { tests }: Binary,
  [passed = 0, failed = 0, skipped = 0, measured = 0]: readonly number[],
): boolean {
  const expected = { passed: passed + measured, failed, skipped }
  return COUNTED.every((status) => tests.filter((test) => test.status === status).length === expected[status])
}

/** The name of a binary: crate and source. `target/debug/deps/parser-0a1b2c3d4e5f6789` is the crate `parser`. */
function binaryName(source: string, program: string | undefined): string {
  if (program === undefined) return `${source} (documentation)`
  const crate = program.slice(program.lastIndexOf('/') + 1).replace(/-[0-9a-f]{16}(?:\.exe)?$/, '')
  return `${crate} (${source})`
}

/** The name of a doc test without its line (`src/lib.rs - add (line 5)`). The doc tests of one item are numbered instead. */
function withoutLine(name: string): { readonly name: string; readonly line: number } {
  const found = /^(.*) \(line (\d+)\)(.*)$/.exec(name)
  if (found === null) return { name: name.replace(/ - should panic$/, ''), line: 0 }
  return { name: `${found[1]}${found[3]}`, line: Number(found[2]) }
}

function addBinary(list: ReturnType<typeof createTestList>, { name, tests }: Binary): void {
  const seen = new Map<string, number>()
  for (const test of tests.toSorted((one, other) => one.line - other.line)) {
    const count = (seen.get(test.name) ?? 0) + 1
    seen.set(test.name, count)
    list.add({ path: [name, count === 1 ? test.name : `${test.name} (${count})`], status: test.status })
  }
}
