import type { ChangedLines } from './changed-lines.ts'

/** The changed lines of one file that reports mention: those that ran, and those that did not. */
export interface FileCoverage {
  readonly path: string
  readonly run: readonly number[]
  readonly missed: readonly number[]
}

/** Records how often the lines `from` to `to`, both inclusive, ran. */
export type MarkLines = (from: number, to: number, hits: number) => void

/** Collects what one report says about changed files, and ignores other files. */
export interface CoverageSink {
  /**
   * @param candidates files that a path in the report may mean. If several of them are in the tree, none counts.
   * @param isBuilt true if the report is about a build of exactly these sources. Otherwise its files may be compiled copies.
   * @returns undefined for a file that is not in the change.
   */
  readonly of: (candidates: readonly string[], isBuilt?: boolean) => MarkLines | undefined
  /** At most two files of the tree whose paths end like this, in any folder. @param ending `com/example/Sum.java`. */
  readonly endingWith: (ending: string) => readonly string[]
  /**
   * The result, with ascending lines. A file is left out if no line of it ran, if the report names a line that the file does
   * not have, or if its changed lines are not known.
   */
  readonly reading: () => readonly FileCoverage[]
}

/** @param paths files of the tree that have the same names as changed files, in any folder. */
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

/** At most two paths for each ending, since an ending with more than one path is ambiguous. */
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

/** Adds up ranges only at the end, so that the cost is linear in the length of the report and the file. */
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
