import type { Coverage, MissedLines } from '../../runs/verification.ts'
import { nameList } from '../compare-tests.ts'
import type { ChangedLines } from './changed-lines.ts'
import { type CoverageReading, joinCoverage } from './read-coverage.ts'

const SHOWN_PLACES = 20
const SHOWN_CHARS = 300
const NO_TOOL = "the repository's tool gives none"

/**
 * Summarises the coverage of a change by all checks.
 *
 * @param readings readings of the checks that wrote reports.
 * @returns undefined if the change has no executable line of source.
 */
export function coverageFacts(
  changed: readonly ChangedLines[],
  readings: readonly CoverageReading[],
): Coverage | undefined {
  if (changed.length === 0) return undefined
  const reports = readings.reduce((sum, reading) => sum + reading.reports, 0)
  if (reports === 0) return { lines: 0, run: 0, missed: [], unmeasured: nameList([]), reason: NO_TOOL }
  const files = joinCoverage(readings.flatMap((reading) => reading.files))
  const run = files.reduce((sum, file) => sum + file.run.length, 0)
  const missed = files.reduce((sum, file) => sum + file.missed.length, 0)
  const measured = new Set(files.map(({ path }) => path))
  return {
    lines: run + missed,
    run,
    missed: files.flatMap(placesOf).sort(byPlace).slice(0, SHOWN_PLACES),
    unmeasured: nameList(changed.flatMap(({ path }) => (measured.has(path) ? [] : [path]))),
  }
}

function placesOf({ path, missed }: CoverageReading['files'][number]): readonly MissedLines[] {
  const shown = path.slice(0, SHOWN_CHARS).toWellFormed()
  const places: MissedLines[] = []
  for (const line of missed) {
    const last = places.at(-1)
    if (last?.to === line - 1) places[places.length - 1] = { ...last, to: line }
    else places.push({ path: shown, from: line, to: line })
  }
  return places
}

function byPlace(one: MissedLines, other: MissedLines): number {
  return one.path === other.path ? one.from - other.from : one.path < other.path ? -1 : 1
}
