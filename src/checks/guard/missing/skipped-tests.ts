import type { TestMarks } from '../../test-marks.ts'
import { linesNow } from '../change/around-line.ts'
import {
  countMatches,
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type ReadChange,
  type ReadFile,
} from '../change/guarded-change.ts'
import { withoutQuotedCode } from '../change/quoted-code.ts'
import { testAbove } from '../change/test-above.ts'
import { isSetup } from '../settings/rigged-runner.ts'
import { isConditionalSkip, isElsewhere, isOfNewCase, isOnOtherSystems, isWithinNew } from './narrow-skips.ts'

/** Matches marks that run one test and leave out all others. */
const ONLY =
  /\.only\b|\b(?:fit|fdescribe|fcontext)\s*\(|^\s*(?:fit|fdescribe|fcontext)\b|\bonly\s*:\s*true\b|:focus\b|\bfocus:\s*true\b|\[Explicit\b/
/**
 * Matches a skip inside a test, whose first line is above. Other skips are in front of a test or on its first
 * line.
 */
const INSIDE =
  /\b(?:t|tb|b|f|this|ctx)\.[sS]kip(?:f|Now)?\(|\bpytest\.(?:skip|xfail|importorskip)\(|\bself\.skipTest\(|\bSkipTest\b|\bmarkTest(?:Skipped|Incomplete)\(|\btest\.(?:skip|fixme|fail)\(\s*(?:\)|true\b)|\bXCTSkip|\bXCTExpectFailure\b|\bwithKnownIssue\b|\bAssert\.(?:Ignore|Inconclusive|Pass)\(|\bGTEST_SKIP\(|\bassum(?:e|ing)\w*\(|\bcancel\(\s*"|\berror\.SkipZigTest\b|^\s*pending\(|^\s*skip\b/
/** Matches an option of a test on a line of its own. */
const OPTION = /^\s*(?:ignore|skip)\s*:/
/** Matches a skip for systems other than Linux. */
const ON_OTHER_SYSTEMS =
  /,\s*if:\s*!\(?\s*RUBY_PLATFORM\s*=~\s*\/(?:java|mswin|mingw)\/\s*\)?\s*do\b|,\s*unless:\s*RUBY_ENGINE\s*==\s*["'](?:jruby|truffleruby)["']\s*do\b|\bskip[iI]f\(\s*(?:sys\.platform\s*==\s*["'](?:win32|cygwin|darwin)["']|sys\.platform\.startswith\(["'](?:win|darwin)\w*["']\)|os\.name\s*==\s*["']nt["']|platform\.system\(\)\s*==\s*["'](?:Windows|Darwin)["']|(?:process\.)?platform\s*===?\s*["'](?:win32|darwin)["'])\s*[,)]|^\s*ignore:\s*Deno\.build\.os\s*===\s*["'](?:windows|darwin)["'],?\s*$|@DisabledOnOs\(\s*(?:value\s*=\s*)?(?:OS\.)?(?:WINDOWS|MAC)\b|#\[cfg_attr\(\s*(?:miri|loom|windows|target_os\s*=\s*"(?:windows|macos|ios|android)"|target_family\s*=\s*"(?:wasm|windows)"|target_arch\s*=\s*"wasm32")\s*,/

/** Matches the call that defines a test or a group of tests. */
const CALL = /\b[xf]?(?:it|test|describe|context|suite|specify|scenario|feature|group)\b/
/** The most lines between a decorator and the name of its test. */
const REACH = 12
const TITLE =
  /(?:"([^"]{3,200})"|'([^']{3,200})'|`([^`]{3,200})`)|\b(?:def|func|fn|fun|void|Task|function)\s+(\w{3,100})/

/** Reports tests that a change switches off. For new tests this is a note, for existing ones a reason. */
export function skippedTests(change: ReadChange): readonly GuardFinding[] {
  const titles = new Set<string>()
  for (const line of change.removedInTests.keys()) {
    const title = titleOf(line)
    if (title !== undefined) titles.add(title)
  }
  const marksUsed = namesOfMarks(change)
  return change.files.flatMap((read) => skippedIn(withoutQuotedCode(read), titles, marksUsed))
}

interface Skip {
  readonly kind: 'old' | 'new' | 'elsewhere'
  /** The name of an old test that a condition skips, if a run can show that it is not skipped. */
  readonly test?: string | undefined
}
const OLD: Skip = { kind: 'old' }
const NEW: Skip = { kind: 'new' }
const ELSEWHERE: Skip = { kind: 'elsewhere' }

/** More skips than this are not examined one by one and count as skips of existing tests. */
const MOST_SKIPS = 200

function skippedIn(
  read: ReadFile,
  titlesBefore: ReadonlySet<string>,
  marksUsed: ReadonlySet<string>,
): readonly GuardFinding[] {
  const { marks, isTest, added, removed, hunks, file } = read
  if (marks === undefined) return []
  if (!isTest && countMatches(added, marks.skip) === 0) return []
  if (countMatches(added, marks.skip) <= countMatches(removed, marks.skip)) return []
  const kept = new Set(removed.map((line) => line.trim()))
  let seen = 0
  const skips = hunks.flatMap((hunk) => {
    const lines = linesNow(hunk)
    return lines.flatMap(({ sign, text }, at): readonly Skip[] => {
      if (sign !== '+' || !marks.skip.test(text) || kept.has(text.trim())) return []
      if (returnedBefore(hunk, lines[at])) return []
      if (SKIPS_OTHERS.test(text) && isSetup(file.path)) return [OLD]
      const mark = NAMED_MARK.exec(text)?.[1]
      if (mark !== undefined && !marksUsed.has(mark)) return [NEW]
      seen += 1
      if (seen > MOST_SKIPS) return [OLD]
      if (
        ON_OTHER_SYSTEMS.test(text) &&
        !/\b(?:or|and)\b|\|\||&&/.test(text.replace(/["'][^"']{0,300}["']/g, ''))
      )
        return [ELSEWHERE]
      if (isElsewhere(text, added) || isOnOtherSystems(lines, at)) return [ELSEWHERE]
      const isOld = (line: string) => isOneOf(line, titlesBefore)
      if (!ONLY.test(text) && isOfNewCase(lines, at, { removed, isOld })) return [NEW]
      if (!ONLY.test(text) && isWithinNew(lines, at, isOld)) return [NEW]
      if (!ONLY.test(text) && isNew(lines, at, { marks, titlesBefore, file })) return [NEW]
      return [
        { kind: 'old', test: isConditionalSkip(lines, at) ? nameOf(lines, at, marks) : undefined } as const,
      ]
    })
  })
  const path = `\`${file.path}\``
  const old = skips.filter(({ kind }) => kind === 'old')
  if (old.length > 0) {
    const tests = new Set(old.flatMap(({ test }) => test ?? []))
    const isKnown = old.every(({ test }) => test !== undefined)
    const settled = isKnown ? ({ settledBy: 'still_run', path: file.path, tests: [...tests] } as const) : {}
    return [{ text: `${path} skips tests or runs only some`, weight: 'reason', ...settled }]
  }
  if (skips.includes(ELSEWHERE))
    return [{ text: `${path} skips tests on other systems`, weight: 'note', isForReviewers: true }]
  return skips.length === 0
    ? []
    : [{ text: `${path} has new tests that skip themselves`, weight: 'note', isForReviewers: true }]
}

/** Matches a skip of whatever test runs, in a file that is loaded before all tests. */
const SKIPS_OTHERS = /\b(?:ctx|context|t|test|this|task)\.skip\(/
/** Python: captures the name that a mark gets, by which tests may use it. */
const NAMED_MARK = /^(?!pytestmark\b)(\w{1,80})\s*(?::[^=]{1,80})?=\s*(?:pytest\.mark|unittest)\.\w{1,20}\b/
const USED_MARK = /^\s*@([\w.]{1,100})|\bpytestmark\b(.{1,200})|\bmarks\s*=(.{1,200})/

/** The names by which added lines mark tests. */
function namesOfMarks({ files }: ReadChange): ReadonlySet<string> {
  const used = files
    .filter(({ file }) => /\.py$/.test(file.path))
    .flatMap(({ added }) => added.flatMap((line) => USED_MARK.exec(line)?.slice(1) ?? []))
  return new Set(used.flatMap((text) => text?.match(/\w{1,80}/g) ?? []))
}

/** True if the skip says what a bare `return` in its place did. */
function returnedBefore(hunk: readonly GuardedLine[], skip: GuardedLine | undefined): boolean {
  const at = skip === undefined ? -1 : hunk.indexOf(skip)
  const old = hunk[at - 1]
  return (
    old?.sign === '-' &&
    /^\s*return;?\s*$/.test(old.text) &&
    indentOf(old.text) === indentOf(skip?.text ?? '')
  )
}

/** True if the test that a line skips is new. */
function isNew(
  lines: readonly GuardedLine[],
  at: number,
  {
    marks,
    titlesBefore,
    file,
  }: {
    readonly marks: TestMarks
    readonly titlesBefore: ReadonlySet<string>
    readonly file: ReadFile['file']
  },
): boolean {
  const text = lines[at]?.text ?? ''
  const start = startOf(lines, at, marks)
  if (start === undefined)
    return file.status === 'added' && !lines.some((line) => isOneOf(line.text, titlesBefore))
  const below = lines.slice(start, start + REACH)
  // The arguments of an attribute may have texts of their own.
  const end = /^\s*@.*\(\s*$/.test(text) ? below.findIndex((line) => /^\s*\)/.test(line.text)) : -1
  const named = below.slice(end + 1).find((line) => titleOf(line.text) !== undefined)
  if (named === undefined || named.sign !== '+') return false
  return !titlesBefore.has(titleOf(named.text) ?? text)
}

/** The name of the test that a line skips; undefined if it may skip several. */
function nameOf(lines: readonly GuardedLine[], at: number, marks: TestMarks): string | undefined {
  const start = startOf(lines, at, marks)
  const below = start === undefined ? [] : lines.slice(start, start + REACH)
  const head = below.findIndex(({ text }) => titleOf(text) !== undefined)
  const isTest = below.slice(0, head + 1).some(({ text }) => marks.test.test(text))
  return isTest ? titleOf(below[head]?.text ?? '') : undefined
}

function isOneOf(line: string, titles: ReadonlySet<string>): boolean {
  const title = titles.size > 0 ? titleOf(line) : undefined
  return title !== undefined && titles.has(title)
}

/** The index at or after which the skipped test has its name; undefined if the line skips a whole file. */
function startOf(lines: readonly GuardedLine[], at: number, marks: TestMarks): number | undefined {
  const text = lines[at]?.text ?? ''
  if (INSIDE.test(text) || OPTION.test(text)) {
    const found = testAbove(lines, at, marks.test)
    return found === -1 ? undefined : found
  }
  // The text in the brackets of an attribute is a reason, not the name of the test.
  if (/^\s*(?:@|#\[|\[)/.test(text)) return at + 1
  return marks.test.test(text) || CALL.test(text) ? at : undefined
}

/** Captures the name of a function behind its attributes. */
const DEFINED_BEHIND = /[\])\w]\s(?:\w{1,20}\s){0,3}(?:func|fn|fun|void|Task)\s+(\w{3,100})\s*\(/

function titleOf(line: string): string | undefined {
  if (/^\s*(?:@|#\[|\[)/.test(line)) return DEFINED_BEHIND.exec(line)?.[1]
  return TITLE.exec(line)
    ?.slice(1)
    .find((group) => group !== undefined)
}
