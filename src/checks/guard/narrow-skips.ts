import { type GuardedLine, indentOf } from './guarded-change.ts'

/** Of projects: names that say on which system, or with which release of something else, a test runs. */
const CONDITION =
  /\bskip(?:if|If)\(\s*(?:not\s+)?((?:IS_|is_|is)?(?:WIN\w{0,10}|[wW]indows|MAC\w{0,10}|OSX|macOS|mac)|\w{1,40}_(?:GE|GT)_\w{1,20})\s*[,)]/
/** Releases of Python that are old by now. */
const OLD_PYTHON = /\bskip(?:if|If)\(\s*sys\.version_info\s*<\s*\(3,\s*(?:\d|10)\b/
const VALUE = /"[^"]{1,100}"|'[^']{1,100}'|\b\d[\w.]*/
const DEFINES = /^\s*(?:async\s+)?def\s+(\w{1,80})\s*\(/

/** True for a skip on another system, or with an older release, by a name that the change does not set itself. */
export function isElsewhere(text: string, added: readonly string[]): boolean {
  if (/\b(?:or|and)\b|\|\||&&/.test(text.replace(/["'][^"']{0,300}["']/g, ''))) return false
  if (OLD_PYTHON.test(text)) return true
  const name = CONDITION.exec(text)?.[1]
  if (name === undefined || (/_(?:GE|GT)_/.test(name) && !/\(\s*not\s/.test(text))) return false
  if (/\(\s*not\s/.test(text) && !/_(?:GE|GT)_/.test(name)) return false
  return !added.some((line) => line.includes(name) && new RegExp(`\\b${name}\\s*=(?!=)`).test(line))
}

/**
 * True if a skip takes no test of before: it is in a case of a table that no case had before, or in a fixture of the change that
 * only its own tests ask for.
 *
 * @param lines the hunk as the new file has it.
 * @param isOld whether a line names a test of before.
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

const ROW = 5
/** Lines of a function. */
const LONGEST = 300
