import type { ChangedLines } from './changed-lines.ts'

/** The changed lines of one file that a report names: those that were run, and those that were not. */
export interface FileCoverage {
  readonly path: string
  readonly run: readonly number[]
  readonly missed: readonly number[]
}

/** Takes how often the lines from the first to the last were run; both count. */
export type MarkLines = (from: number, to: number, hits: number) => void

/** Takes what one report says about changed files, and leaves the rest out. */
export interface CoverageSink {
  /**
   * @param candidates what a path in the report may mean. If more than one of them is a file of the tree, none is meant.
   * @param isBuilt true if the report is of a build of exactly these sources. Others name files that ran as compiled copies.
   * @returns undefined for a file that is not in the change.
   */
  readonly of: (candidates: readonly string[], isBuilt?: boolean) => MarkLines | undefined
  /** @param ending `com/example/Sum.java`: files of the tree that end so, in whatever folder of sources; at most two. */
  readonly endingWith: (ending: string) => readonly string[]
  /**
   * Ascending lines. A file is left out if the report names no line of it that was run, or one that it does not have, or if
   * its changed lines are not known.
   */
  readonly reading: () => readonly FileCoverage[]
}

/** @param paths files of the tree that have the names of changed files, in whatever folder. */
export function createCoverageSink(changed: readonly ChangedLines[], paths: readonly string[]): CoverageSink {
  const tree = new Set(paths)
  const known = new Map(changed.map((file) => [file.path, file]))
  const marks = new Map<string, ReturnType<typeof createFileMarks>>()
  let endings: ReadonlyMap<string, readonly string[]> | undefined
  return {
    of(candidates, isBuilt = false) {
      const [path, ...others] = candidates.filter((candidate) => tree.has(candidate))
      const file = path === undefined || others.length > 0 ? undefined : known.get(path)
      if (file === undefined) return undefined
      const own = marks.get(file.path) ?? createFileMarks(file, isBuilt)
      marks.set(file.path, own)
      return own.mark
    },
    endingWith(ending) {
      endings ??= endingsOf(paths)
      return endings.get(ending) ?? []
    },
    reading: () => [...marks.values()].flatMap((file) => file.reading() ?? []),
  }
}

/** At most two paths for each ending: more than one says nothing. */
function endingsOf(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const endings = new Map<string, readonly string[]>()
  for (const path of paths) {
    for (let at = 0; at !== -1; at = path.indexOf('/', at + 1)) {
      const ending = at === 0 ? path : path.slice(at + 1)
      endings.set(ending, [...(endings.get(ending) ?? []), path].slice(0, 2))
    }
  }
  return endings
}

/** Ranges are added up at the end, so that no report costs more than its own length and that of the file. */
function createFileMarks({ path, lines, total }: ChangedLines, isBuilt: boolean) {
  const measured = new Int32Array(total + 2)
  const run = new Int32Array(total + 2)
  let isOther = false
  let wasLoaded = isBuilt
  const mark: MarkLines = (from, to, hits) => {
    const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to
    if (!isRange || to > total) {
      isOther = true
      return
    }
    wasLoaded ||= hits > 0
    for (const counts of hits > 0 ? [measured, run] : [measured]) {
      counts[from] = (counts[from] ?? 0) + 1
      counts[to + 1] = (counts[to + 1] ?? 0) - 1
    }
  }
  function reading(): FileCoverage | undefined {
    if (lines === undefined || isOther || !wasLoaded) return undefined
    const [isMeasured, isRun] = [summed(measured), summed(run)]
    const named = lines.filter((line) => (isMeasured[line] ?? 0) > 0)
    const wasRun = (line: number) => (isRun[line] ?? 0) > 0
    return { path, run: named.filter(wasRun), missed: named.filter((line) => !wasRun(line)) }
  }
  return { mark, reading }
}

function summed(counts: Int32Array): Int32Array {
  let sum = 0
  return counts.map((count) => {
    sum += count
    return sum
  })
}
