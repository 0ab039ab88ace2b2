import { readXml } from '../../text/read-xml.ts'
import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

interface Suite {
  readonly name: string
  readonly file: string | undefined
}

interface Case {
  readonly path: readonly (string | undefined)[]
  readonly file: string | undefined
  status: TestStatus
}

/** Names of suites that only name the tool that wrote the report. */
const TOOLS = new Set([
  'pytest',
  'jest tests',
  'vitest tests',
  'bun test',
  'deno test',
  'Mocha Tests',
  'Root Suite',
  '(empty)',
  'rspec',
  'undefined',
])
/** Matches a name of a class or suite that is a file. */
const FILE =
  /^(?:file:\/\/)?[^\s:*?"<>|]*[^\s:*?"<>|/]\.(?:[cm]?[jt]sx?|py|php|rb|exs?|bats|lua|dart|swift|feature)$/
/** `com.example.AddTest$Deep`: a class of the JVM or of .NET. */
const QUALIFIED = /^[\w$]{1,200}(?:\.[\w$]{1,200}){1,20}$/
const FAILED = new Set(['failure', 'error'])
/** The most suites, outermost first, that go into a name. */
const MAX_SUITES = 15
/** GoogleTest and CTest give the status in an attribute, where other tools use elements. */
const SKIPPED_STATUS = /^(?:skipped|disabled|notrun|suppressed|ignored|pending)$/i
const FAILED_STATUS = /^(?:fail|failed|error)$/i

/** @param texts documents of JUnit's XML, in the dialect of any tool. */
export function readJUnit(texts: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  for (const text of texts) {
    if (!readDocument(text, list.add)) return { problem: 'its report is not whole' }
  }
  return list.reading()
}

function readDocument(text: string, add: ReturnType<typeof createTestList>['add']): boolean {
  const suites: Suite[] = []
  let current: Case | undefined
  let inCase = 0
  return readXml(text, {
    open(name, attributes) {
      if (current !== undefined) {
        if (inCase++ > 0) return
        if (FAILED.has(name)) current.status = 'failed'
        else if (name === 'skipped' && current.status === 'passed') current.status = 'skipped'
      } else if (name === 'testsuite') {
        const own = attributes.file ?? attributes.filepath
        suites.push({
          name: attributes.name ?? '',
          file: own || fileIn(attributes.name) || suites.at(-1)?.file,
        })
      } else if (name === 'testcase') {
        current = caseOf(attributes, suites)
      }
    },
    close(name) {
      if (current === undefined) {
        if (name === 'testsuite') suites.pop()
      } else if (inCase > 0) {
        inCase--
      } else {
        add(current)
        current = undefined
      }
    },
  })
}

function caseOf(attributes: Readonly<Record<string, string>>, suites: readonly Suite[]): Case {
  const { name, classname = attributes.class, status = '', result = '' } = attributes
  const file = attributes.file || suites.at(-1)?.file || fileIn(classname)
  const isSkipped = SKIPPED_STATUS.test(status) || SKIPPED_STATUS.test(result)
  // Surefire may put tests of a class into the suite of one of its inner classes, depending on their order.
  const isOwn = file === undefined && QUALIFIED.test(classname ?? '')
  const outer = isOwn ? [] : suites.slice(0, MAX_SUITES).map((suite) => suite.name)
  return {
    path: pathOf({ file, outer: [...outer, classname ?? ''], name: name ?? '' }),
    file,
    status: isSkipped ? 'skipped' : FAILED_STATUS.test(status) ? 'failed' : 'passed',
  }
}

/** The parts of a test's name, without suites and classes that repeat the file or an earlier part. */
function pathOf(of: {
  readonly file: string | undefined
  readonly outer: readonly string[]
  readonly name: string
}): readonly string[] {
  const dotted = of.file?.replace(/\.\w+$/, '').replaceAll('/', '.')
  const kept: string[] = []
  for (const part of of.outer) {
    // pytest: `tests.test_a.TestAdding` of the file `tests/test_a.py`.
    const inside =
      dotted !== undefined && part.startsWith(`${dotted}.`) ? part.slice(dotted.length + 1) : part
    const isFile = inside === dotted || fileIn(inside) !== undefined || fileIn(part) !== undefined
    if (!isFile && !TOOLS.has(inside) && !kept.includes(inside)) kept.push(inside)
  }
  return [...kept, of.name]
}

function fileIn(name: string | undefined): string | undefined {
  return name !== undefined && name.length <= 1_000 && FILE.test(name) ? name : undefined
}
