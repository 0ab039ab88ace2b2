import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

interface GoEvent {
  readonly Action: string
  readonly Package?: string | undefined
  readonly Test?: string | undefined
  readonly Output?: string | undefined
}

const ENDS: Readonly<Record<string, TestStatus>> = { pass: 'passed', fail: 'failed', skip: 'skipped' }

/** @param text output of `go test -json`, perhaps with other lines in between. */
export function readGo(text: string, place: ReportPlace): ReportReading {
  const list = createTestList(place)
  const packages = new Map<string, { readonly tests: Map<string, TestStatus | undefined>; failed: boolean }>()
  for (const event of eventsOf(text)) {
    if (typeof event === 'string' || event.Package === undefined) continue
    const known = packages.get(event.Package) ?? { tests: new Map(), failed: false }
    packages.set(event.Package, known)
    const ended = ENDS[event.Action]
    if (event.Test !== undefined) {
      if (event.Action === 'run') known.tests.set(event.Test, undefined)
      else if (ended !== undefined) known.tests.set(event.Test, ended)
    } else if (ended === 'failed') known.failed = true
  }
  if (packages.size === 0) return { problem: 'it printed no events of `go test -json`', isAbsent: true }
  for (const [name, { tests, failed }] of packages) addGoPackage(list, { name, tests, failed })
  return list.reading()
}

/** Adds the tests of one package. A test without a status did not end. */
export function addGoPackage(
  list: ReturnType<typeof createTestList>,
  of: {
    readonly name: string
    readonly tests: ReadonlyMap<string, TestStatus | undefined>
    readonly failed: boolean
  },
): void {
  const parents = new Set<string>()
  const brokenInside = new Set<string>()
  let someFailed = false
  for (const [test, status = 'failed'] of of.tests) {
    const parent = test.slice(0, Math.max(0, test.lastIndexOf('/')))
    parents.add(parent)
    if (status !== 'failed') continue
    someFailed = true
    brokenInside.add(parent)
  }
  for (const [test, status = 'failed'] of of.tests) {
    // A test with subtests counts for itself only if it failed and none of them did.
    const counts = !parents.has(test) || (status === 'failed' && !brokenInside.has(test))
    if (counts) list.add({ path: [of.name, test], status })
  }
  // The package does not build, or it failed without a failed test.
  if (of.failed && !someFailed) list.add({ path: [of.name], status: 'failed' })
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
