import { strengthOf } from './assertion-strength.ts'
import { type ReadAssertion, squeezedCode } from './read-assertion.ts'

/** The code of an assertion without its layout, and without brackets around a whole condition of Python. */
export function bareCode(statement: string): string {
  const code = squeezedCode(statement).replace(OF_TRUTH, 't.is($2,$1)')
  const inside = /^assert\((.{1,2000})\)$/.exec(code)?.[1]
  return inside !== undefined && isBalanced(inside) ? `assert${inside}` : code
}

/** AVA: captures the two forms of one assertion, `t.true(x)` for `t.is(x, true)`. */
const OF_TRUTH = /^t\.(true|false)\((.{1,500})\)$/

function isBalanced(code: string): boolean {
  let depth = 0
  for (const sign of code) {
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    if (depth < 0) return false
    if (sign === ',' && depth === 0) return false
  }
  return depth === 0
}

/** Captures a name and the expression that defines it. */
const DEFINES = /^\s*(?:(?:const|let|var|val|auto|final)\s+)?(\w{1,60})\s*:?=\s*([^=\s].{0,300}?);?\s*$/
/** The most names of one change that are looked up. */
const MOST_NAMES = 50

/**
 * New assertions with new names replaced by the expressions that define them, so that an argument which moved into a
 * variable makes no other assertion.
 */
export function withValues(statements: readonly string[], added: readonly string[]): readonly string[] {
  const values = Map.groupBy(
    added.flatMap((line) => {
      const [, name, value] = DEFINES.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [{ name, value }]
    }),
    ({ name }) => name,
  )
  // A name that gets another value counts only if the new value is made from the old one.
  const fixed = [...values].flatMap(([name, [first, ...more]]) => {
    const word = new RegExp(`\\b${name}\\b`)
    return first !== undefined && more.every(({ value }) => value === first.value || word.test(value))
      ? [{ word, value: first.value }]
      : []
  })
  return fixed
    .slice(0, MOST_NAMES)
    .flatMap(({ word, value }) =>
      statements.flatMap((one) => (word.test(one) ? [one.replace(word, () => value)] : [])),
    )
}

/** A list of literals, which an exact comparison asks for as a whole, however many there are. */
const LIST = /\[\s*(?:(?:"[^"]{0,300}"|'[^']{0,300}'|-?\d[\d.]{0,40})\s*,?\s*){1,100}\]/g

/** Says which of several values is meant. */
const PLACE = /\.at\(-?\d{1,4}\)|\[\d{1,4}\](?=[.[)])/g

/** True if two exact comparisons differ only in such lists. */
export function hasOtherList(before: ReadAssertion, after: ReadAssertion): boolean {
  const without = (one: ReadAssertion) =>
    one.fact('without lists', () => squeezedCode(one.statement.replace(PLACE, '').replace(LIST, '[ ]')))
  return strengthOf(after.statement) === 3 && without(before) === without(after)
}

/** True if both ask for the truth of one value, the old one for the opposite. */
export function isOpposite(old: ReadAssertion, now: ReadAssertion): boolean {
  const asked = /^\s*assert\s+not\s+([\w.]{1,100})\s*$/.exec(old.code)?.[1]
  return asked !== undefined && new RegExp(`^\\s*assert\\s+${RegExp.escape(asked)}\\s*$`).test(now.code)
}
