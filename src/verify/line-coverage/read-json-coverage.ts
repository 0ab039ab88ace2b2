import { z } from 'zod'
import { isRecord } from '../../text/is-record.ts'
import { type CoveragePlace, candidatesOf } from './coverage-place.ts'
import type { CoverageSink } from './coverage-sink.ts'

const place = z.object({ line: z.number().nullish() })
const istanbul = z.object({
  statementMap: z.record(z.string(), z.object({ start: place })),
  s: z.record(z.string(), z.number()),
  /** If it is present, the lines are those of the compiled file. */
  inputSourceMap: z.unknown().optional(),
})

/**
 * Reads Istanbul's coverage by file, which nyc, c8, Jest and Vitest write. A line counts if a statement begins on it.
 *
 * @returns false if the text is in another format.
 * @throws if the text is no JSON.
 */
export function readIstanbul(text: string, where: CoveragePlace, sink: CoverageSink): boolean {
  let isIstanbul = false
  for (const [key, value] of entriesOf(JSON.parse(text))) {
    isIstanbul ||= typeof value === 'object' && value !== null && 'statementMap' in value
    const mark = sink.of(candidatesOf(key, where))
    const file = mark && istanbul.safeParse(value).data
    if (mark === undefined || file === undefined || file.inputSourceMap !== undefined) continue
    for (const [id, { start }] of Object.entries(file.statementMap)) {
      const line = start.line ?? 0
      mark(line, line, Object.hasOwn(file.s, id) ? (file.s[id] ?? 0) : 0)
    }
  }
  return isIstanbul
}

const hits = z.array(z.union([z.number(), z.string(), z.null()]))
const ruby = z.union([hits, z.object({ lines: hits }).transform(({ lines }) => lines)])

/**
 * Reads SimpleCov's `.resultset.json`: a list per file with the hits of each line, null for a line without code.
 *
 * @returns false if the text is in another format.
 * @throws if the text is no JSON.
 */
export function readSimpleCov(text: string, where: CoveragePlace, sink: CoverageSink): boolean {
  let isSimpleCov = false
  for (const [, suite] of entriesOf(JSON.parse(text))) {
    for (const [name, value] of entriesOf(entriesOf(suite).find(([key]) => key === 'coverage')?.[1])) {
      const mark = sink.of(candidatesOf(name, where))
      isSimpleCov = true
      const lines = mark && ruby.safeParse(value).data
      if (mark === undefined || lines === undefined) continue
      for (const [index, count] of lines.entries()) {
        if (typeof count === 'number') mark(index + 1, index + 1, count)
      }
    }
  }
  return isSimpleCov
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(value) ? Object.entries(value) : []
}
