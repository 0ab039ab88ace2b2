import { stripTerminalOutput } from '../../text/terminal-text.ts'
import type { ReportPlace, ReportReading } from './named-test.ts'
import { readCargo } from './read-cargo.ts'
import { goOutput, readGo } from './read-go.ts'
import { readJest, readOwnLines, readRspec } from './read-json.ts'
import { readJUnit } from './read-junit.ts'
import { readMinitest } from './read-minitest.ts'
import { readPrinted } from './read-printed.ts'
import { readTap } from './read-tap.ts'
import { readTrx } from './read-trx.ts'
import { readUnittest } from './read-unittest.ts'

/** `tape` is TAP with titles in comments, `lines` comes from Backspace's own reporters, and `jest` also comes from Vitest.
 * `printed` is what test programs print for people. */
export type ReportFormat = keyof typeof READERS

export interface ReportInput {
  readonly format: ReportFormat
  /** The text of each file of the report, or the output of the command. */
  readonly texts: readonly string[]
  readonly place: ReportPlace
}

/** Reads a report in a thread, because its text is untrusted; undefined if that took too long. */
export type ReadReport = (input: ReportInput) => Promise<ReportReading | undefined>

/** The most bytes that are read of one report. */
export const MAX_REPORT_BYTES = 10 * 1024 * 1024

const READERS = {
  junit: readJUnit,
  trx: readTrx,
  lines: readOwnLines,
  jest: single(readJest),
  rspec: single(readRspec),
  tap: single(readTap),
  tape: single((text, place) => readTap(text, place, { titles: true })),
  go: single((text, place) => ({ ...readGo(text, place), printed: goOutput(text) })),
  cargo: lineByLine(readCargo),
  unittest: lineByLine(readUnittest),
  minitest: lineByLine(readMinitest),
  printed: lineByLine(readPrinted),
} satisfies Record<string, (texts: readonly string[], place: ReportPlace) => ReportReading>

function single(read: (text: string, place: ReportPlace) => ReportReading) {
  return (texts: readonly string[], place: ReportPlace): ReportReading => read(texts.join('\n'), place)
}

/** For output that people read: its lines, without control sequences. */
function lineByLine(read: (lines: readonly string[], place: ReportPlace) => ReportReading) {
  return single((text, place) => read(stripTerminalOutput(text).split('\n'), place))
}

/** Reads a report. It never throws: the result is tests or a problem. Takes time linear in the size of the report. */
export function readReport({ format, texts, place }: ReportInput): ReportReading {
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (size > MAX_REPORT_BYTES) return { problem: 'its report is larger than 10 MiB' }
  if (texts.length === 0) return { problem: 'it wrote no report', isAbsent: true }
  try {
    return READERS[format](texts, place)
  } catch {
    return { problem: 'its report is not whole' }
  }
}
