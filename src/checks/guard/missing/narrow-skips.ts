import { headAbove } from '../change/around-line.ts'
import { type GuardedLine, indentOf } from '../change/guarded-change.ts'

/**
 * Captures a name of the project that says on which system, or with which release of a library, a test is
 * skipped.
 */
const CONDITION =
  /\bskip(?:if|If)\(\s*(?:not\s+)?((?:IS_|is_|is)?(?:WIN\w{0,10}|[wW]indows|MAC\w{0,10}|OSX|macOS|mac)|\w{1,40}_(?:GE|GT)_\w{1,20})\s*[,)]/
/** Matches a skip for releases of Python that are old by now. */
const OLD_PYTHON = /\bskip(?:if|If)\(\s*sys\.version_info\s*<\s*\(3,\s*(?:\d|10)\b/
const VALUE = /"[^"]{1,100}"|'[^']{1,100}'|\b\d[\w.]*/
const DEFINES = /^\s*(?:async\s+)?def\s+(\w{1,80})\s*\(/

/**
 * True for a skip on another system or with an older release. The change must not define the condition
 * itself.
 */
export function isElsewhere(text: string, added: readonly string[]): boolean {
  if (/\b(?:or|and)\b|\|\||&&/.test(text.replace(/["'][^"']{0,300}["']/g, ''))) return false
  if (OLD_PYTHON.test(text)) return true
  const name = CONDITION.exec(text)?.[1]
  if (name === undefined || (/_(?:GE|GT)_/.test(name) && !/\(\s*not\s/.test(text))) return false
  if (/\(\s*not\s/.test(text) && !/_(?:GE|GT)_/.test(name)) return false
  return !added.some((line) => line.includes(name) && new RegExp(`\\b${name}\\s*=(?!=)`).test(line))
}

/** Matches a condition of Python that does not hold on Linux, on the usual processor. */
const NOT_HERE =
  /^(?:sys\.platform\s*!=\s*["']linux["']|platform\.(?:system\(\)\s*!=\s*["']Linux["']|machine\(\)\s*!=\s*["'](?:x86_64|AMD64)["']|system\(\)\s*==\s*["'](?:Windows|Darwin)["'])|sys\.platform\s*==\s*["'](?:win32|cygwin|darwin)["']|os\.name\s*==\s*["']nt["'])$/
const MOST_OF_CONDITION = 4

/** True for a skip whose condition, on one line or several, only names other systems and processors. */
export function isOnOtherSystems(lines: readonly GuardedLine[], at: number): boolean {
  const text = lines
    .slice(at, at + MOST_OF_CONDITION)
    .map((line) => line.text.trim())
    .join(' ')
  const condition = /\bskip[iI]f\(\s*([^,]{1,200}),\s*(?:reason\b|["'])/.exec(text)?.[1]
  return condition?.split(/\s+or\s+/).every((part) => NOT_HERE.test(part.trim())) ?? false
}

/**
 * True if a skip affects no existing test: it is in a new case of a table, or in a new fixture that only new
 * tests use.
 *
 * @param lines the hunk as the new file has it.
 * @param isOld whether a line names an existing test.
 */
export function isOfNewCase(
  lines: readonly GuardedLine[],
  at: number,
  { removed, isOld }: { readonly removed: readonly string[]; readonly isOld: (line: string) => boolean },
): boolean {
  const text = lines[at]?.text ?? ''
  const row = /\bpytest\.param\(/.test(text)
    ? text
    : lines.slice(Math.max(0, at - ROW), at).findLast(({ text: one }) => /\bpytest\.param\(/.test(one))?.text
  if (row !== undefined && /\bmarks\b|\bpytest\.mark\b/.test(text)) {
    const value = VALUE.exec(row.slice(row.indexOf('param(')))?.[0]
    return value !== undefined && !removed.some((line) => line.includes(value))
  }
  if (/\bmarks\s*=/.test(text) && isInNewTable(lines, at, isOld)) return true
  const from = Math.max(0, at - LONGEST)
  const above = lines.slice(from, at)
  const found = above.findLastIndex((line) => DEFINES.test(line.text) && indentOf(line.text) < indentOf(text))
  const start = found === -1 ? -1 : from + found
  const name = DEFINES.exec(lines[start]?.text ?? '')?.[1]
  if (name === undefined || /^test/.test(name) || lines[start]?.sign !== '+') return false
  const marks = lines.slice(Math.max(0, start - 3), start)
  if (
    !marks.some((line) => /\bfixture\b/.test(line.text)) ||
    marks.some((line) => /\bautouse\b/.test(line.text))
  )
    return false
  const asks = new RegExp(`\\b${name}\\b`)
  return lines.every(({ sign, text: one }) => !asks.test(one) || (sign === '+' && !isOld(one)))
}

/** True if every line from the start of a table of pytest to its test is added, and the test is new. */
function isInNewTable(lines: readonly GuardedLine[], at: number, isOld: (line: string) => boolean): boolean {
  const from = Math.max(0, at - LONGEST)
  const start = lines.slice(from, at).findLastIndex(({ text }) => /\bparametrize\(/.test(text))
  return (
    start !== -1 &&
    lines.slice(from + start, at).every(({ sign }) => sign === '+') &&
    decoratesNew(lines, at, isOld)
  )
}

/** Matches the first line of a function or a group of tests. */
const OPENS =
  /^\s*(?:(?:async\s+)?(?:def|function|fn|func)\s|(?:describe|context|suite|it|test|specify|scenario|feature|group)\b.{0,10}\(?\s*["'`]|class\s|(?:export\s+)?(?:const|let)\s+\w+\s*=\s*(?:async\s*)?\()/
const NAMED = /\b(?:def|function|fn|func|class|const|let)\s+(?:\([^)]{0,100}\)\s*)?(\w{1,80})/

/** Matches functions that a runner calls for every test. */
const CALLED_BY_RUNNER =
  /^(?:set_?up\w*|tear_?down\w*|before\w*|after\w*|pytest_\w+|TestMain|init\w*|around\w*)$/i

/**
 * True if a skip is in a group or a function that the change adds, or in the decorator of a new test. A named
 * function counts only if all its calls are new.
 */
export function isWithinNew(
  lines: readonly GuardedLine[],
  at: number,
  isOld: (line: string) => boolean,
): boolean {
  const text = lines[at]?.text ?? ''
  let indent = indentOf(text)
  for (let above = at - 1; above >= 0 && at - above < LONGEST && indent > 0; above--) {
    const line = lines[above]
    if (line === undefined || line.text.trim() === '' || indentOf(line.text) >= indent) continue
    if (line.sign !== '+') return false
    indent = indentOf(line.text)
    if (OPENS.test(line.text)) {
      const inFront = lines.slice(Math.max(0, above - 3), above)
      return !inFront.some((one) => /\bfixture\b/.test(one.text)) && isOnlyNew(line.text, lines, isOld)
    }
    if (/^\s*@/.test(line.text)) return decoratesNew(lines, at, isOld)
  }
  return false
}

function isOnlyNew(opener: string, lines: readonly GuardedLine[], isOld: (line: string) => boolean): boolean {
  if (isOld(opener)) return false
  const name = NAMED.exec(opener)?.[1]
  if (name === undefined) return true
  if (CALLED_BY_RUNNER.test(name)) return false
  const word = new RegExp(`\\b${name}\\b`)
  return lines.every(
    ({ sign, text }, at) =>
      !word.test(text) || (sign === '+' && (OPENS.test(text) || isInNew(lines, at, isOld))),
  )
}

/** True if the line is inside a function or a group that the change adds. */
function isInNew(lines: readonly GuardedLine[], at: number, isOld: (line: string) => boolean): boolean {
  const indent = indentOf(lines[at]?.text ?? '')
  const from = Math.max(0, at - LONGEST)
  const opener = lines
    .slice(from, at)
    .findLast(({ text }) => text.trim() !== '' && indentOf(text) < indent && OPENS.test(text))
  return opener?.sign === '+' && !isOld(opener.text)
}

function decoratesNew(lines: readonly GuardedLine[], at: number, isOld: (line: string) => boolean): boolean {
  const below = lines.slice(at, at + LONGEST)
  const end = below.findIndex(({ text }) => DEFINES.test(text))
  return (
    end !== -1 && below.slice(0, end + 1).every(({ sign }) => sign === '+') && !isOld(below[end]?.text ?? '')
  )
}

const ROW = 5
/** The most lines of a function. */
const LONGEST = 300

/** Matches a skip that depends on a condition of its own. */
const CONDITIONAL =
  /\b(?:skipif|skipIf|skipUnless|runIf|importorskip|if|unless|assum(?:e|ing)\w{0,20}|requires|Requires\w{1,40}|(?:Enabled|Disabled)(?:On|If|For)\w{0,40})\b/
/** Matches a line that decides whether the lines below it run. */
const DECIDES = /^\s*\}?\s*(?:(?:else\s*)?if|unless|elif|else|except|catch|rescue|case|when|guard)\b/
/**
 * Matches marks whose tests count as passed though they failed, conditions that always hold, and conditions about the environment,
 * which is another one in the CI of the repository.
 */
const NEVER_SHOWN =
  /environ|getenv|process\.env|\bENV\b|env::var|import\.meta\.env|\bCI\b|fail|only|focus|panic|pass\(|pending|todo|fixme|incomplete|explicit|knownissue|\(\s*(?:true|1)\b|\bif\s+true\b/i

/** True if the skip depends on a condition, so that a run can show that it does not apply. */
export function isConditionalSkip(lines: readonly GuardedLine[], at: number): boolean {
  const text = lines[at]?.text ?? ''
  const code = text.replace(/"[^"]{0,300}"|'[^']{0,300}'/g, '""')
  if (NEVER_SHOWN.test(code)) return false
  if (CONDITIONAL.test(code)) return true
  const above = headAbove(lines, at, ROW)
  return above !== undefined && DECIDES.test(above.text) && !NEVER_SHOWN.test(above.text)
}
