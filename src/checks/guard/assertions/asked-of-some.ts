import { inlineCode } from '../../../text/markdown/fenced.ts'
import { strengthOf } from '../../assertion-strength.ts'
import { blockBelow, linesNow } from '../change/around-line.ts'
import type { GuardedLine, GuardFinding, KeptTest } from '../change/guarded-change.ts'

/** Captures what a loop goes through: `for record in caplog.records:`, `for (const item of items) {`. */
const LOOP =
  /^\s*(?:for\s+.{1,80}\s(?:in|of)\s+([\w.$]{2,100})(?:\(\))?\s*[:{)]|for\s*\(\s*(?:const|let|var|auto|final)?\s*.{1,80}\s(?:in|of)\s+([\w.$]{2,100})\)|([\w.$]{2,100})\.(?:each|forEach|for_each)\b)/
/** Captures the call whose first result alone has a name: `const [row] = await rows()`, `row, *_ = rows()`. */
const FIRST =
  /^\s*(?:(?:const|let|var|val|final|auto)\s+)?(?:[[(]\s*\w{1,40}\s*[\])]|\w{1,40},\s*\*_\w{0,20})\s*:?=\s*(.{3,200}?);?\s*$/
const NAMED = /^\s*(?:(?:const|let|var|val|final|auto)\s+)?\w{1,40}\s*:?=\s*(.{3,200}?);?\s*$/
/** Matches what leaves inputs out that a property test tried before. */
const LEAVES_OUT = /^\s*(?:hypothesis\.)?assume\(|\bfc\.pre\(|\bprop_assume!\(|\bAssume\.That\(|==>/
const BELOW = 12

/**
 * Reports existing tests that ask each member of a result where they asked for the whole: a result without members satisfies that. Notes
 * tests that look at the first member alone, and property tests that leave inputs out.
 */
export function askedOfSome({ file, hunks, marks }: KeptTest): readonly GuardFinding[] {
  const path = `\`${file.path}\``
  if (hunks.some((lines) => asksOnlyEach(lines, marks.assertion)))
    return [
      { text: `${path} asks the members of a result alone, which none satisfies as well`, weight: 'reason' },
    ]
  const shown = hunks.flatMap((lines) => partly(lines)).slice(0, 2)
  if (shown.length === 0) return []
  const text = `${path} looks at a part of what it looked at before: ${shown.map((line) => inlineCode(line.trim(), 80)).join(', ')}`
  return [{ text, weight: 'note' }]
}

function asksOnlyEach(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  const wholes = lines.filter(
    ({ sign, text }) => sign === '-' && assertion.test(text) && strengthOf(text) === 3,
  )
  const before = countNames(wholes)
  const after = countNames(now.filter(({ text }) => assertion.test(text)))
  return now.some(({ sign, text }, at) => {
    const found = sign === '+' ? LOOP.exec(text) : null
    const name = found?.slice(1).find((one) => one !== undefined)
    if (name === undefined || !before.has(name)) return false
    const inside = blockBelow(now, at, BELOW).filter((one) => assertion.test(one.text))
    const others = (after.get(name) ?? 0) - (countNames(inside).get(name) ?? 0)
    return inside.some((one) => one.sign === '+') && others === 0
  })
}

const PATH_OF_NAMES = /[\w$]+(?:\.[\w$]+)*/g
const MOST_PARTS = 8

/** In how many lines each name is: `a.b.c` counts for `a`, `a.b` and itself. */
function countNames(lines: readonly GuardedLine[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { text } of lines) {
    const paths = (text.match(PATH_OF_NAMES) ?? []).map((path) => path.split('.').slice(0, MOST_PARTS))
    const names = new Set(paths.flatMap((parts) => parts.map((_, at) => parts.slice(0, at + 1).join('.'))))
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function partly(lines: readonly GuardedLine[]): readonly string[] {
  const before = new Set(
    lines.flatMap(({ sign, text }) => (sign === '-' ? (NAMED.exec(text)?.[1]?.trim() ?? []) : [])),
  )
  const known = new Set(lines.flatMap(({ sign, text }) => (sign === '-' ? [text.trim()] : [])))
  return lines.flatMap(({ sign, text }) => {
    if (sign !== '+' || known.has(text.trim())) return []
    const isFirst = before.has(FIRST.exec(text)?.[1]?.trim() ?? ' ')
    return isFirst || LEAVES_OUT.test(text) ? [text] : []
  })
}
