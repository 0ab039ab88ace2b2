import { mentions, wordsIn } from '../change/gone-names.ts'
import {
  countMatches,
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type ReadChange,
  type ReadFile,
} from '../change/guarded-change.ts'
import { lostSnapshots } from './lost-snapshots.ts'

/** Matches one case of a table: values in brackets. */
const ROW =
  /^\s*(?:yield\s+(?:["'][^"']{0,80}["']\s*=>\s*)?)?\*{0,2}(?:\w{1,40}\.?\w{0,40}\()?[([{].{0,400}[)\]}]\)?[,;]?\s*$/
/** Matches a case that is an attribute in front of its test. */
const ATTRIBUTE =
  /^\s*(?:\[(?:InlineData|TestCase|DataRow|Arguments)\(|#\[(?:case|test_case|TestWith|values)\b|@(?:TestWith|CsvSource|ValueSource|DataRow)\b)/
const VALUE = /["'`\d]|\b(?:true|false|null|None|nil|True|False)\b/
/** Matches the first line of a table of cases. */
const TABLE =
  /\bparametrize\b|\.each\b|@(?:CsvSource|ValueSource|DataProvider|MethodSource)|\[\]struct\b|\[\]\w{0,30}(?:test|case|Test|Case)\w{0,30}\{|\b(?:test_?[cC]ases|cases|testcases|TESTS|CASES|CASES_\w+|tests|tt|testdata)\s*(?::[^=]{0,80})?:?=\s*\S{0,60}[[{(]\s*$|\bfunction\s+\w{1,80}\(\)\s*:\s*\\?(?:iterable|Generator|Iterator)\b/
const RETRIES =
  /\bretryTimes\(|\bthis\.retries\(\s*[1-9]|^\s*(?:it|test|describe|context|suite)\b.{0,200}\bretr(?:y|ies)\s*:\s*[1-9]|\bconfigure\(.{0,80}\bretries\s*:\s*[1-9]|\)\.retries\(\s*[1-9]|@?\bflaky\b\s*\(|\.flaky\b|\breruns\s*=|\[(?:\w[^\]]{0,100},\s*)?Retry\(|@(?:Retry\w*|RetryingTest|RepeatedIfExceptionsTest)\b|^\s*(?:\{\s*)?retry:\s*[1-9]\d?\s*\},?\s*\(/
/** The most rows, since each is searched in the whole file. */
const MOST_ROWS = 100
/** The most lines between two rows of one table. */
const NEAR = 30
/** Reports cases, snapshots and time limits that a change removes from existing tests. */
export function lostCases(change: ReadChange, gone: ReadonlySet<string>): readonly GuardFinding[] {
  const losesTests = change.files.some(
    ({ marks, removed, file }) =>
      marks !== undefined && (file.status === 'deleted' || removed.some((line) => marks.test.test(line))),
  )
  return change.files.flatMap((read) => [
    ...(losesTests ? [] : lostSnapshots(read, change)),
    ...(read.isTest && read.marks && read.file.status !== 'deleted' ? lostIn(read, { change, gone }) : []),
  ])
}

function lostIn(
  read: ReadFile,
  { change, gone }: { readonly change: ReadChange; readonly gone: ReadonlySet<string> },
): readonly GuardFinding[] {
  const { file, removed, added } = read
  const path = `\`${file.path}\``
  const texts: string[] = []
  const rows = (lines: readonly string[], others: ReadonlyMap<string, number>) =>
    lines.filter((line) => (ROW.test(line) || ATTRIBUTE.test(line)) && !others.has(line.trim()))
  const stays = rowsThatStay(read)
  const lost = rows(removed, change.addedInTests).filter(
    (line) => VALUE.test(line) && !wordsIn(line).some((word) => gone.has(word)) && !stays(line),
  )
  const fewer = lost.length - rows(added, change.removedInTests).length
  if (fewer > 0 && lost.slice(0, MOST_ROWS).some((line) => isOfKeptTest(read, line) || isInTable(read, line)))
    texts.push(`${path} has ${fewer} fewer ${fewer === 1 ? 'case' : 'cases'} than before`)
  const blocks = fewer > 0 ? 0 : lostBlocks(read, { rows: lost.length - fewer, gone })
  if (blocks > 0) texts.push(`${path} has ${blocks} fewer ${blocks === 1 ? 'case' : 'cases'} than before`)
  if (lost.length > 0 && repeatsCase(read)) texts.push(`${path} repeats a case in the place of another`)
  if (file.status !== 'added' && countMatches(added, RETRIES) > countMatches(removed, RETRIES))
    texts.push(`${path} repeats tests until they pass`)
  if (removed.some((line) => losesLimit(line, read))) texts.push(`${path} limits the time of a test no more`)
  return texts.map((text) => ({ text, weight: 'reason' }))
}

/** The first line of a case of several lines. */
const OPENS = /^\s*[[{(]\s*$/

/**
 * How many cases of several lines are gone from tables that stay.
 *
 * @param rows the number of new cases of one line.
 * @param gone names that the change removes from the code.
 */
function lostBlocks(
  read: ReadFile,
  { rows, gone }: { readonly rows: number; readonly gone: ReadonlySet<string> },
): number {
  const { removed, added, hunks } = read
  const openers = (lines: readonly string[]) => lines.filter((line) => OPENS.test(line))
  const old = openers(removed)
  const fewer = old.length - openers(added).length - rows
  if (fewer <= 0 || !isBlockInTable(read) || removed.some((line) => mentions(line, gone))) return 0
  // The values of a case must go with it, and nothing may come in their place.
  const isWhole = hunks.some(
    (lines) =>
      lines.some(({ sign, text }) => sign === '-' && OPENS.test(text)) &&
      lines.some(({ sign, text }) => sign === '-' && VALUE.test(text) && !OPENS.test(text)) &&
      !lines.some(({ sign, text }) => sign === '+' && VALUE.test(text)),
  )
  return isWhole ? fewer : 0
}

/** True if the first removed case of several lines is nested below the first line of a table. */
function isBlockInTable({ file, removed }: ReadFile): boolean {
  const before = file.before ? Buffer.from(file.before).toString('utf8').split('\n') : []
  const first = removed.findIndex((line) => OPENS.test(line))
  const at = before.findIndex(
    (line, index) => line === removed[first] && before[index + 1] === removed[first + 1],
  )
  return at !== -1 && hasTableAbove(before, at, new Set(removed.map((line) => line.trim())))
}

/** The most rows of a file that are looked for elsewhere. */
const MOST_LOOKED_FOR = 2000

/** Returns a function that tells whether a row is still in the file, where it was twice, or is now part of other lines. */
function rowsThatStay({ file, added }: ReadFile): (line: string) => boolean {
  const rowOf = (line: string) => line.trim().replace(/,$/, '')
  const now = new Set((file.bytes ? Buffer.from(file.bytes).toString('utf8') : '').split('\n').map(rowOf))
  const text = added.join('\n')
  let left = MOST_LOOKED_FOR
  return (line) => {
    const row = rowOf(line)
    if (row.length <= 8 || left-- <= 0) return false
    return now.has(row) || text.includes(row) || isInLines(row, added)
  }
}

const PARTS = /"(?:[^"\\]|\\.){0,300}"|'(?:[^'\\]|\\.){0,300}'|`[^`]{0,300}`|[\w.]{1,100}/g
/** The most lines of a case that had one line before. */
const MOST_OF_CASE = 8
/** The most places where such a case is looked for. */
const MOST_PLACES = 20

/** True if each value of the row is in one of a few lines that follow each other, as when a case gets a line for each field. */
function isInLines(row: string, added: readonly string[]): boolean {
  const parts = row.replace(/\}\s*,\s*\/\/.*$/, '}').match(PARTS) ?? []
  const telling = parts.find((part) => /^["'`].{3}/.test(part))
  if (telling === undefined) return false
  let left = MOST_PLACES
  return added.some((line, at) => {
    if (left === 0 || !line.includes(telling)) return false
    left--
    const near = added.slice(Math.max(0, at - 2), Math.max(0, at - 2) + MOST_OF_CASE)
    return parts.every((part) => near.some((one) => one.includes(part)))
  })
}

/** True if a row of a table is now in the file twice and was there once. */
function repeatsCase(read: ReadFile): boolean {
  const { file, added } = read
  if (!file.before || !file.bytes) return false
  const rowOf = (line: string) => line.trim().replace(/,$/, '')
  const rows = added.filter((line) => ROW.test(line) && VALUE.test(line)).slice(0, MOST_ROWS)
  if (rows.length === 0) return false
  const [old, now] = [file.before, file.bytes].map((bytes) => Buffer.from(bytes).toString('utf8').split('\n'))
  const places = (lines: readonly string[] = [], row: string) =>
    lines.flatMap((line, at) => (rowOf(line) === row ? [at] : []))
  return rows.some((line) => {
    const row = rowOf(line)
    const [first = 0, second] = places(now, row)
    const isNear = second !== undefined && second - first < NEAR
    return isNear && row.length > 8 && places(old, row).length === 1 && isInTable(read, line)
  })
}

/** True if the test below the attribute stays: the next line that is not a case is kept. */
function isOfKeptTest({ hunks }: ReadFile, row: string): boolean {
  if (!ATTRIBUTE.test(row)) return false
  return hunks.some((lines) => {
    const at = lines.findIndex(({ sign, text }) => sign === '-' && text === row)
    const next =
      at === -1 ? undefined : lines.slice(at + 1, at + LONGEST).find(({ text }) => !ATTRIBUTE.test(text))
    return next?.sign === ' '
  })
}

/** True if the row is nested below the first line of a table. */
function isInTable({ hunks, file, removed, added }: ReadFile, row: string): boolean {
  // A case whose table is removed as well belongs to a removed test, or was replaced with it.
  const stale = added.some((line) => TABLE.test(line))
    ? new Set<string>()
    : new Set(removed.map((line) => line.trim()))
  const before = file.before ? Buffer.from(file.before).toString('utf8').split('\n') : undefined
  const at = before?.findIndex((line) => line.trimEnd() === row.trimEnd()) ?? -1
  if (before !== undefined && at !== -1) return hasTableAbove(before, at, stale)
  return hunks.some((lines) => {
    const old = lines.flatMap(({ sign, text }: GuardedLine) => (sign === '+' ? [] : [text]))
    const found = old.indexOf(row)
    return found !== -1 && hasTableAbove(old, found, stale)
  })
}

/** The most lines of a table. */
const LONGEST = 300

function hasTableAbove(lines: readonly string[], at: number, stale: ReadonlySet<string>): boolean {
  const indent = indentOf(lines[at] ?? '')
  const providers = providersIn(lines)
  for (let above = at - 1; above >= 0 && at - above < LONGEST; above--) {
    const line = lines[above] ?? ''
    if (line.trim() === '' || indentOf(line) >= indent) continue
    // In Go, the fields of a struct come between the first line of a table and its rows.
    if (/^\s*\}\s*\{\s*$/.test(line)) return !stale.has(line.trim())
    const isProvider = (one: string) => providers.has(/\b(\w{1,80})\s*\(/.exec(one)?.[1] ?? '')
    const openers = lines
      .slice(Math.max(0, above - 2), above + 1)
      .filter((one) => TABLE.test(one) || isProvider(one))
    return openers.some((one) => !stale.has(one.trim()))
  }
  return false
}

/** The names of functions that provide cases to tests. */
function providersIn(lines: readonly string[]): ReadonlySet<string> {
  return new Set(
    lines.flatMap(
      (line) =>
        /(?:DataProvider|MethodSource|TestCaseSource|MemberData)\W{1,20}?(?:nameof\()?(\w{1,80})/i.exec(
          line,
        )?.[1] ?? [],
    ),
  )
}

/** True if a test of JUnit loses its time limit: `@Timeout(1)`, `@Test(timeout = 1000)`. */
function losesLimit(line: string, { added, file }: ReadFile): boolean {
  if (!/\.(?:java|kt)$/.test(file.path) || !/@Timeout\b|@Test\(\s*timeout\b/.test(line)) return false
  return !added.some((one) => /@Timeout\b|\btimeout\b/i.test(one))
}
