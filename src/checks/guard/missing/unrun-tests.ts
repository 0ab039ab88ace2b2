import { headAbove, linesNow } from '../change/around-line.ts'
import { type GuardedLine, indentOf, type ReadFile, textNow } from '../change/guarded-change.ts'

const TEST = /^\s*(?:async\s+)?def\s+test\w{0,200}\s*\(/
const FUNCTION = /^\s*(?:async\s+)?def\s+(?!test)\w/

/** Python: true if a test of before is now inside of another function, where no runner looks. */
export function becomesNested(lines: readonly GuardedLine[]): boolean {
  const before = new Map(
    lines.flatMap(({ sign, text }) =>
      sign === '-' && TEST.test(text) ? [[text.trim(), indentOf(text)] as const] : [],
    ),
  )
  if (before.size === 0) return false
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !TEST.test(text) || indentOf(text) <= (before.get(text.trim()) ?? Infinity))
      return false
    const above = headAbove(now, at, Infinity)
    return above?.sign === '+' && FUNCTION.test(above.text)
  })
}

const COROUTINE = /^\s*async\s+def\s+(test\w{0,200})\s*\(/

const MOST_COROUTINES = 50

/** Python: the names of tests that become coroutines and wait for nothing. Without a plugin, pytest passes over them. */
export function becomeCoroutines(read: ReadFile): readonly string[] {
  const before = new Set(read.removed.map((line) => line.trim()))
  const names = read.added.flatMap((line) => {
    const name = COROUTINE.exec(line)?.[1]
    return name !== undefined && before.has(line.trim().replace(/^async\s+/, '')) ? [name] : []
  })
  if (names.length === 0 || names.length > MOST_COROUTINES) return names
  const lines = textNow(read).split('\n')
  return names.filter((name) => {
    const start = lines.findIndex((line) => COROUTINE.exec(line)?.[1] === name)
    const rest = lines.slice(start + 1)
    const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) <= indentOf(lines[start] ?? ''))
    return !rest.slice(0, end === -1 ? undefined : end).some((line) => /\b(?:await|async)\b/.test(line))
  })
}
