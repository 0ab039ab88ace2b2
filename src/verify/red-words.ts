import { createHash } from 'node:crypto'
import type { NameList } from '../runs/verification.ts'
import { createRedact } from '../secrets/redact.ts'
import { stripTerminalOutput } from '../text/terminal-text.ts'
import { breathe } from '../time/breathe.ts'
import { inTurns } from '../time/pieces.ts'

/** What a run says that fails although none of its tests does, so that two runs can be compared. */
export interface RedWords {
  /** SHA-256 of its lines in any order, without those that only say what went well. */
  readonly sha256: string
  /** The lines that say what failed, as in the output. */
  readonly said: NameList
}

/** UTF-16 units and lines of output; a run that prints more is not compared. */
export const MOST_RED_UNITS = 1024 * 1024
const MOST_LINES = 50_000

/**
 * Reads what a run says that fails although none of its tests does.
 *
 * @param raw what the run printed, with colours.
 * @param printed the text in its place, if the output was a machine report.
 *
 * @returns undefined if a part of the output is missing or may be hidden, or if no line says what failed.
 */
export async function readRedWords(raw: string, printed: string = raw): Promise<RedWords | undefined> {
  const isWhole = printed.length <= MOST_RED_UNITS && !LEFT_OUT.test(raw)
  if (!isWhole || HIDES_LINES.test(raw) || HIDES_LINES.test(printed)) return undefined
  const text = await inTurns(redact.inPieces(stripTerminalOutput(printed)))
  const all = text.split('\n')
  if (all.length > MOST_LINES) return undefined
  const lines: string[] = []
  const said: string[] = []
  for (const [index, whole] of all.entries()) {
    if (index % 256 === 0) await breathe()
    const line = whole.replaceAll(/\s+/g, ' ').trim()
    if (line === '' || saysGood(line)) continue
    lines.push(withoutChance(line))
    if (saysFailure(line) && !/^\[(?:INFO|WARN)/.test(line)) said.push(line)
  }
  if (said.length === 0) return undefined
  // A build may print hundreds of notes before it says what ends it.
  const ending = said.filter((line) => ENDS_IT.test(line))
  const names = [...ending, ...said.filter((line) => !ENDS_IT.test(line))]
    .slice(0, SHOWN)
    .map((line) => line.slice(0, SHOWN_UNITS).toWellFormed())
  const sha256 = createHash('sha256').update(lines.sort().join('\n')).digest('hex')
  return { sha256, said: { count: said.length, names } }
}

const SHOWN = 3
const SHOWN_UNITS = 200
const redact = createRedact([])

/** What the sandbox, or the host, writes in the place of the middle of an output. */
const LEFT_OUT = /\n\[… \d{1,12} bytes left out …\]\n/
/** A title or link for the terminal that does not end in its line: a terminal shows nothing of the rest. */
const HIDES_LINES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*(?:[\x1b\x90\x98\x9d-\x9f](?!\\)|\n|$)/

/** Signs of runners for a test that passed, and lines about their progress. */
const PASSED = [
  /^(?:[✓✔√] |PASS(?:ED)? |--- PASS: |=== (?:RUN|PAUSE|CONT|NAME) |ok \d+ - |# Subtest: |# time=\d|1\.\.\d+$)/,
  /^test .{1,400} \.\.\. ok$/,
  /^ok \S+ (?:\d+\.\d+s|\(cached\))$/,
  /^\S+ [.sx]+ \[ ?\d{1,3}%\]$/,
  /^(?:collected \d+ items|Time: [\d.]+ m?s(?:, estimated [\d.]+ m?s)?)$/,
  /^[#ℹ] (?:(?:tests|suites|pass|skipped|todo|duration_ms) [\d.]+|(?:fail|cancelled) 0)$/,
]

/** Whether a line says nothing but that tests passed, how many there are, or, in Maven's words, what goes on. */
function saysGood(line: string): boolean {
  if (PASSED.some((sign) => sign.test(line))) return true
  if (saysFailure(line)) return false
  return line.startsWith('[INFO]') || isCount(line)
}

const COUNTED = new Set(
  'tests test files suites suite snapshots assertions subtests passed passing pass total run ran in time elapsed failures errors failed fail skipped deselected xfailed warning warnings ok todo pending ns us ms s m'.split(
    ' ',
  ),
)

/** `Tests 5 passed (5)`, `Tests run: 20, Failures: 0`: a line of numbers and of words for what is counted. */
function isCount(line: string): boolean {
  if (line.length > 200 || !/\d/.test(line)) return false
  const words = line.toLowerCase().match(/[a-z_]+/g) ?? []
  return (
    words.length > 1 &&
    words.every((word) => COUNTED.has(word)) &&
    /\b(?:tests?|pass(?:ed|ing)?|suites)\b/i.test(line)
  )
}

const NOTHING_FAILED =
  /\b(?:failures?|errors?|fail(?:ed)?): ?0(?![\d.%])|\b(?:0|no) (?:failures?|errors?|failed|problems?)\b/gi
const FAILURE =
  /\b(?:errors?|err!|fail(?:s|ed|ing|ures?)?|fatal|panic(?:ked)?|problems?|violations?|threshold|cannot|can't|could not|unable|unexpected|expected|invalid|missing|denied|refused|exception|mismatch|not (?:met|found|reached)|needs? to be)\b/i

/** A line that says what ends the command, not a note or a warning on the way. */
const ENDS_IT =
  /^(?!.{0,200}\b(?:note|warn(?:ing)?)\b).{0,400}\b(?:errors?|err!|fatal|fail(?:ed|ures?)|panic(?:ked)?)\b/i

function saysFailure(line: string): boolean {
  // Maven's word for a module that it did not come to; counts of tests have it in small letters.
  return /\bSKIPPED\b/.test(line) || FAILURE.test(line.replaceAll(NOTHING_FAILED, ''))
}

const NUMBER = String.raw`\d+(?:[.,]\d+)?`
const UNIT = '(?:ns|µs|us|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h)'

/** What differs between two runs by chance: no counts, percentages and places in files. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d(?:[T _]\d\d[:_-]\d\d[:_-]\d\d(?:[.,_]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<date>'],
  [/(?<![\w:./-])\d\d?:\d\d:\d\d(?:[.,]\d{1,9})?(?![\w:])/g, '<time>'],
  [/(?<![\w:./-])\d\d?:\d\d min\b/g, '<duration>'],
  [new RegExp(`(?<![\\w:.,/-])${NUMBER} ?${UNIT}(?: ?${NUMBER} ?${UNIT})*(?![\\w:/-])`, 'g'), '<duration>'],
  [/\/(?:private\/)?(?:var\/)?tmp\/[^\s/:'"`)\]]+/g, '<temporary>'],
  [/\b0x[0-9a-f]{6,16}\b/gi, '<address>'],
  [/(?<![\w.-])(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):\d{2,5}(?![\w.])/g, '$1:<port>'],
]

function withoutChance(line: string): string {
  return CHANCE.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), line)
}
