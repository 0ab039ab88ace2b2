import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

interface Point {
  readonly indent: number
  readonly path: readonly string[]
  readonly status: TestStatus
}

const POINT = /^( *)(not ok|ok) +(\d+)\b(.*)$/
const PLAN = /^( *)1\.\.(\d+)/
/** Indentation; deeper subtests are skipped, since each level copies the tests below it. */
const MAX_INDENT = 60

/**
 * Reads TAP 12, 13 and 14, with subtests before their test point (`# Subtest`) or after it in braces.
 *
 * @param options.titles true if comments are titles of the points that follow, as tape prints them.
 */
export function readTap(
  text: string,
  place: ReportPlace,
  { titles = false }: { readonly titles?: boolean } = {},
): ReportReading {
  const list = createTestList(place)
  const open: Point[] = []
  let points = 0
  const planned: number[] = []
  let topPoints = 0
  let yaml: string | undefined
  let title = ''
  const braces: { readonly indent: number; readonly point: Point; readonly name: string }[] = []

  function add({ path, status }: Point): void {
    list.add({ path: title === '' ? path : [title, ...path], status })
  }

  /** Closes a test point: deeper points since the last one of its depth are its subtests. */
  function settle(point: Point, name: string): void {
    let start = open.length
    while ((open[start - 1]?.indent ?? -1) > point.indent) start--
    const closed = closeOver(point, open.splice(start), name)
    if (point.indent === 0) topPoints++
    for (const test of closed) {
      if (point.indent === 0) add(test)
      else open.push(test)
    }
  }

  for (const line of text.split('\n')) {
    if (yaml !== undefined) {
      if (line.startsWith(`${yaml}...`)) yaml = undefined
      continue
    }
    const block = /^( +)---\s*$/.exec(line)
    if (block) {
      yaml = block[1]
      continue
    }
    const plan = PLAN.exec(line)
    if (plan?.[1] === '') planned.push(Number(plan[2]))
    const brace = braces.at(-1)
    if (brace !== undefined && line.trimEnd() === `${' '.repeat(brace.indent)}}`) {
      braces.pop()
      settle(brace.point, brace.name)
      continue
    }
    if (titles && /^# /.test(line)) {
      title = line.slice(2).trim()
      continue
    }
    if (/^Bail out!/.test(line)) add({ indent: 0, path: [line.slice(0, 200).trim()], status: 'failed' })
    const point = pointOf(line)
    if (point === undefined || point.indent > MAX_INDENT) continue
    points++
    if (point.opens) {
      braces.push({ indent: point.indent, point, name: point.name })
      continue
    }
    settle(point, point.name)
  }
  open.forEach(add)
  if (yaml !== undefined) return { problem: 'its report is not whole' }
  if (points === 0 && planned.length === 0) return { problem: 'it printed no TAP', isAbsent: true }
  const [plan, ...others] = planned
  if (plan !== undefined && others.length === 0 && topPoints < plan) {
    list.add({ path: ['(tests that were planned and did not run)'], status: 'failed' })
  }
  return list.reading()
}

/** Puts the point's name before its subtests. The point itself counts only if it failed and none of them did. */
function closeOver(point: Point, inner: readonly Point[], name: string): Point[] {
  const below = inner.map(({ path, status }) => ({
    indent: point.indent,
    path: [name, ...path],
    status,
  }))
  const counts =
    inner.length === 0 || (point.status === 'failed' && inner.every((test) => test.status !== 'failed'))
  return counts ? [...below, { indent: point.indent, path: [name], status: point.status }] : below
}

function pointOf(line: string): (Point & { readonly name: string; readonly opens: boolean }) | undefined {
  const found = POINT.exec(line)
  if (found === null) return undefined
  const [, spaces = '', word, number = '', rest = ''] = found
  const opens = /\{\s*$/.test(rest)
  const hash = directiveStart(rest)
  const directive = hash === -1 ? '' : rest.slice(hash + 1).trim()
  const text = (hash === -1 ? rest : rest.slice(0, hash)).replace(opens && hash === -1 ? /\{\s*$/ : /$/, '')
  const name =
    text
      .trim()
      .replace(/^- ?/, '')
      .replace(/\\([\\#])/g, '$1')
      .trim() || `#${number}`
  const isOff = /^(?:skip|todo)/i.test(directive)
  const status = isOff ? 'skipped' : word === 'ok' ? 'passed' : 'failed'
  return { indent: spaces.length, path: [name], status, name, opens }
}

/** The index at which a directive (` # SKIP`, ` # time=5ms` …) begins. Any other `#` belongs to the name. */
function directiveStart(rest: string): number {
  for (let at = rest.lastIndexOf(' #'); at !== -1; at = at === 0 ? -1 : rest.lastIndexOf(' #', at - 1)) {
    if (
      /^ ?# ?(?:skip|todo|time=|duration_ms)/i.test(
        rest
          .slice(at, at + 16)
          .trimStart()
          .padStart(1),
      )
    )
      return at + 1
  }
  return -1
}
