import type { GuardedLine } from '../change/guarded-change.ts'

/** Matches an assertion of equality that takes both values. */
const SAME = /\b(?:\w{0,40}(?:[eE]qual|Same|AreEqual)\w{0,20}|\w{0,20}_(?:eq|EQ|STREQ)|same|is)!?\s*\(/
/** Matches an assertion that takes one value; a matcher with the other one follows. */
const ABOUT = /\b(?:expect|assertThat|XCTUnwrap)\s*\(/
const MATCHES =
  /^(?:\s*\.\s*\w{1,30}){0,3}?\s*\.?\s*(?:to\s+)?(?:toBe|toEqual|toStrictEqual|equals?|eql?|eq|isEqualTo|isSameAs)\s*\(/
const OPERATOR =
  /\b(?:assert|assert!|require|REQUIRE|CHECK|#expect|assertTrue|ok)\b\s*\(?\s*([^=!<>]{1,200}?)\s*===?\s*([^=]{1,200}?)\s*(?:[,;)]{0,3}\s*)$/
const NEGATED = /not|_NE/i
const ALIAS = /^\s*(?:(?:const|let|var|val|auto|final|let mut)\s+)?(\w{1,60})\s*:?=\s*(\w{1,60})\s*;?\s*$/
/**
 * Captures a name and the call whose result it holds. Calls on a browser page are left out, because their
 * results change from one time to the next.
 */
const CALL_ALIAS =
  /^\s*(?:(?:const|let|var|val|auto|final|let mut)\s+)?(\w{1,60})\s*:?=\s*((?:await\s+)?(?!page\.)[\w.]{1,80}\([^()]{0,100}\))\s*;?\s*$/

/**
 * True if an assertion compares a value with itself, so that it cannot fail.
 *
 * @param aliases other names for names or calls.
 */
export function comparesWithItself(
  statement: string,
  aliases: ReadonlyMap<string, string> = new Map(),
): boolean {
  const sides = sidesOf(statement.slice(0, 1000))
  if (sides === undefined) return false
  const [one, other] = sides.map((side) => {
    const name = side.replace(/\s+/g, '').replace(/[;)]+$/, (end) => balanced(side, end))
    return aliases.get(name) ?? name
  })
  return one !== undefined && one === other && /[A-Za-z_$]/.test(one)
}

/**
 * Names that a change defines as other names: `const want = got`.
 *
 * @param withCalls whether names for results of calls count as well.
 */
export function aliasesIn(lines: readonly GuardedLine[], withCalls = false): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap(({ sign, text }) => {
      const [, name, other] =
        sign === '+' ? (ALIAS.exec(text) ?? (withCalls ? CALL_ALIAS.exec(text) : null) ?? []) : []
      return name === undefined || other === undefined ? [] : [[name, other.replace(/\s+/g, '')] as const]
    }),
  )
}

function balanced(side: string, end: string): string {
  const open = side.split('(').length - 1
  const closed = side.split(')').length - 1
  return ')'.repeat(Math.max(0, Math.min(end.replace(/;/g, '').length, open - (closed - end.length))))
}

function sidesOf(statement: string): readonly string[] | undefined {
  const about = ABOUT.exec(statement)
  if (about) {
    const first = insideOf(statement, about.index + about[0].length)
    const rest = statement.slice(first.end)
    const matcher = MATCHES.exec(rest)
    if (matcher) return [first.parts.join(','), insideOf(rest, matcher[0].length).parts.join(',')]
  }
  const same = about ? null : SAME.exec(statement)
  if (same && NEGATED.test(same[0])) return undefined
  if (same) {
    const parts = insideOf(statement, same.index + same[0].length).parts
    const values = /^(?:t|tb|c|self)$/.test(parts[0]?.trim() ?? '') ? parts.slice(1) : parts
    return values.length < 2 ? undefined : values.slice(0, 2)
  }
  const [, one, other] = OPERATOR.exec(statement) ?? []
  return one === undefined || other === undefined ? undefined : [one, other]
}

/** The contents of brackets, split at commas, and the index after the closing bracket. */
function insideOf(text: string, start: number): { readonly parts: readonly string[]; readonly end: number } {
  const parts = ['']
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at)
    if (/[([{]/.test(sign)) depth++
    if (/[)\]}]/.test(sign) && depth-- === 0) return { parts, end: at + 1 }
    if (sign === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += sign
  }
  return { parts, end: text.length }
}
