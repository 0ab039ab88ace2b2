import { type CoveragePlace, candidatesOf, type GoModule, goCandidates } from './coverage-place.ts'
import type { CoverageSink, MarkLines } from './coverage-sink.ts'

/**
 * Reads an LCOV tracefile: `SF:<path>`, `DA:<line>,<hits>`, `end_of_record`.
 *
 * @returns false if the text is in another format.
 */
export function readLcov(text: string, place: CoveragePlace, sink: CoverageSink): boolean {
  let isLcov = false
  let mark: MarkLines | undefined
  for (const line of linesOf(text)) {
    if (line.startsWith('SF:')) {
      isLcov = true
      mark = sink.of(candidatesOf(line.slice(3).trim(), place))
    } else if (line.startsWith('end_of_record')) mark = undefined
    else if (mark !== undefined && line.startsWith('DA:')) {
      const [number = '', hits = ''] = line.slice(3).split(',', 2)
      mark(Number(number), Number(number), Number(hits))
    }
  }
  return isLcov
}

/** A block of statements in a Go profile: `example.com/m/a.go:3.20,5.2 1 0`. */
const BLOCK = /^(.{1,1000}):(\d{1,9})\.\d{1,9},(\d{1,9})\.\d{1,9} \d{1,9} (\d{1,20})\s*$/

/**
 * Reads the output of `go test -coverprofile`. A line in two blocks counts as run if one of them ran.
 *
 * @returns false if the text is in another format.
 */
export function readGoProfile(text: string, modules: readonly GoModule[], sink: CoverageSink): boolean {
  if (!text.startsWith('mode: ')) return false
  const known = new Map<string, MarkLines | undefined>()
  for (const line of linesOf(text)) {
    const [, name, from, to, hits] = BLOCK.exec(line) ?? []
    if (name === undefined) continue
    if (!known.has(name)) known.set(name, sink.of(goCandidates(name, modules), true))
    known.get(name)?.(Number(from), Number(to), Number(hits))
  }
  return true
}

/** The lines of a text, without a second copy of it. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    yield text.slice(start, end)
    start = end + 1
  }
}
