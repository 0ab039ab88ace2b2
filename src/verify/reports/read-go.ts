import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

interface GoEvent {
  readonly Action: string
  readonly Package?: string | undefined
  readonly Test?: string | undefined
  readonly Output?: string | undefined
}

/** What Go prints of a panic inside of a test. One elsewhere, and the end of the time limit, belong to no test. */
export const TEST_PANICS = /^\s*panic: .*\[recovered(?:, repanicked)?\]$/
const ENDS: Readonly<Record<string, TestStatus>> = { pass: 'passed', fail: 'failed', skip: 'skipped' }

interface GoPackage {
  readonly tests: Map<string, TestStatus | undefined>
  failed: boolean
  panicked: boolean
}

/** @param text output of `go test -json`, perhaps with other lines in between. */
export function readGo(text: string, place: ReportPlace): ReportReading {
  const list = createTestList(place)
  const packages = new Map<string, GoPackage>()
  for (const event of eventsOf(text)) {
    if (typeof event === 'string' || event.Package === undefined) continue
    const known = packages.get(event.Package) ?? { tests: new Map(), failed: false, panicked: false }
    packages.set(event.Package, known)
    const ended = ENDS[event.Action]
    known.panicked ||= TEST_PANICS.test(event.Output?.trimEnd() ?? '')
    if (event.Test !== undefined) {
      if (event.Action === 'run') known.tests.set(event.Test, undefined)
      else if (ended !== undefined) known.tests.set(event.Test, ended)
    } else if (ended === 'failed') known.failed = true
  }
  if (packages.size === 0) return { problem: 'it printed no events of `go test -json`', isAbsent: true }
  for (const [name, found] of packages) addGoPackage(list, { name, ...found })
  return list.reading()
}

/** Adds the tests of one package. A test without a status did not end. */
export function addGoPackage(
  list: ReturnType<typeof createTestList>,
  of: {
    readonly name: string
    readonly tests: ReadonlyMap<string, TestStatus | undefined>
    readonly failed: boolean
    /** Whether the panic of a test, which counts as failed, ended the process. */
    readonly panicked: boolean
  },
): void {
  // Tests that ran beside one that panicked did not fail: they were not reported.
  const known = [...of.tests].filter(([, status]) => status !== undefined || !of.panicked)
  const ended = known.map(([test, status = 'failed']) => ({ test, status }))
  const parents = new Set<string>()
  const brokenInside = new Set<string>()
  for (const { test, status } of ended) {
    const parent = test.slice(0, Math.max(0, test.lastIndexOf('/')))
    parents.add(parent)
    if (status === 'failed') brokenInside.add(parent)
  }
  for (const { test, status } of ended) {
    // A test with subtests counts for itself only if it failed and none of them did.
    const counts = !parents.has(test) || (status === 'failed' && !brokenInside.has(test))
    if (counts) list.add({ path: [of.name, test], status })
  }
  // The package does not build, or it failed without a failed test.
  if (of.failed && ended.every(({ status }) => status !== 'failed'))
    list.add({ path: [of.name], status: 'failed' })
}

/** The output that `go test` would print without `-json`: that of failed tests, and one line for each package. */
export function goOutput(text: string): string {
  const parts: string[] = []
  const held = new Map<string, string[]>()
  for (const event of eventsOf(text)) {
    if (typeof event === 'string') {
      parts.push(`${event}\n`)
      continue
    }
    const { Action: action, Package: name = '', Test: test, Output: output = '' } = event
    if (action === 'build-output') parts.push(output)
    if (test === undefined) {
      if (action === 'output' && !/^(?:PASS|FAIL|=== .*|coverage: .*)\n$/.test(output)) parts.push(output)
      continue
    }
    const top = `${name} ${test.split('/', 1)[0]}`
    const lines = held.get(top) ?? []
    held.set(top, lines)
    if (action === 'output' && !/^=== /.test(output)) lines.push(output)
    if (test.includes('/') || ENDS[action] === undefined) continue
    if (action === 'fail') parts.push(...lines)
    held.delete(top)
  }
  // Tests that did not end come last, since the run hung or crashed in one of them.
  return [...parts, ...[...held.values()].flat()].join('')
}

/** Events, and lines that are no events, in order. */
function* eventsOf(text: string): Generator<GoEvent | string> {
  for (const line of text.split('\n')) {
    const event = line.startsWith('{') ? parseEvent(line) : undefined
    if (event !== undefined) yield event
    else if (line !== '') yield line
  }
}

function parseEvent(line: string): GoEvent | undefined {
  try {
    const { Action, Package, ImportPath, Test, Output } = JSON.parse(line) as Record<string, unknown>
    if (typeof Action !== 'string') return undefined
    return { Action, Package: textOf(Package ?? ImportPath), Test: textOf(Test), Output: textOf(Output) }
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
