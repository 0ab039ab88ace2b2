import type { ChangedLines } from './changed-lines.ts'
import { type CoveragePlace, foldersAround, type GoModule } from './coverage-place.ts'
import { createCoverageSink, type FileCoverage } from './coverage-sink.ts'
import { readIstanbul, readSimpleCov } from './read-json-coverage.ts'
import { readGoProfile, readLcov } from './read-text-coverage.ts'
import { readXmlCoverage } from './read-xml-coverage.ts'

export type CoverageFormat = 'lcov' | 'go' | 'istanbul' | 'simplecov' | 'xml'

/** One coverage report that a run of a check wrote. */
export interface CoverageText {
  readonly format: CoverageFormat
  readonly text: string
  /** Folder of the command that was asked to write it, relative to the workspace; undefined if the check wrote it unasked. */
  readonly folder?: string | undefined
  /** Path relative to the workspace, if the report was found there. */
  readonly path?: string | undefined
}

export interface CoverageInput {
  readonly texts: readonly CoverageText[]
  /** Absolute path of the workspace inside the sandbox. */
  readonly root: string
  readonly changed: readonly ChangedLines[]
  /** Files of the tree that have the same names as changed files, in any folder. */
  readonly paths: readonly string[]
  readonly modules: readonly GoModule[]
}

/** What the coverage reports of one check say about the changed lines. */
export interface CoverageReading {
  readonly files: readonly FileCoverage[]
  /** How many reports could be read. */
  readonly reports: number
}

/** Reads coverage in a thread, because its text is untrusted; undefined if that took too long. */
export type ReadCoverage = (input: CoverageInput) => Promise<CoverageReading | undefined>

/**
 * Reads coverage reports. It never throws: a report that cannot be read is skipped. The time is linear in the size of the
 * reports and the changed files. A line counts as run if one report says so.
 */
export function readCoverage({ texts, root, changed, paths, modules }: CoverageInput): CoverageReading {
  const found: FileCoverage[] = []
  let reports = 0
  for (const { format, text, folder, path = '' } of texts) {
    const sink = createCoverageSink(changed, paths)
    const place = { root, folders: folder === undefined ? foldersAround(path) : [folder] }
    if (!readOne({ format, text, place, modules }, sink)) continue
    reports++
    found.push(...sink.reading())
  }
  return { files: joinCoverage(found), reports }
}

function readOne(
  of: Pick<CoverageText, 'format' | 'text'> & {
    readonly place: CoveragePlace
    readonly modules: readonly GoModule[]
  },
  sink: ReturnType<typeof createCoverageSink>,
): boolean {
  const { format, text, place, modules } = of
  try {
    switch (format) {
      case 'lcov':
        return readLcov(text, place, sink)
      case 'go':
        return readGoProfile(text, modules, sink)
      case 'istanbul':
        return readIstanbul(text, place, sink)
      case 'simplecov':
        return readSimpleCov(text, place, sink)
      case 'xml':
        return readXmlCoverage(text, place, sink)
    }
  } catch {
    return false
  }
}

/** Joins coverage so that each file occurs once. A line counts as run if one part says so. */
export function joinCoverage(files: readonly FileCoverage[]): readonly FileCoverage[] {
  const byPath = Map.groupBy(files, ({ path }) => path)
  return [...byPath].map(([path, parts]) => {
    const run = new Set(parts.flatMap((part) => part.run))
    const missed = new Set(parts.flatMap((part) => part.missed.filter((line) => !run.has(line))))
    return { path, run: ascending(run), missed: ascending(missed) }
  })
}

function ascending(lines: ReadonlySet<number>): readonly number[] {
  return [...lines].sort((one, other) => one - other)
}
