import { acceptsMore, squeezedCode, strengthOf, subjectsOf } from './assertion-strength.ts'

/** Lines of a test file that a change takes out and puts in. */
interface EditedLines {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** Comparing each with each must not take long. */
const MOST_LINES = 100

/** What asks for one value. */
const STRICT =
  /^(?:toBe|toEqual|toStrictEqual|toMatchObject|toHaveBeenCalledWith|toThrow\w*|(?:strict|deep|deepStrict)?[eE]qual\w*|same|is|like|assert_eq|assertEqual\w*|assertEquals|assertSame|assertDictEqual|assertListEqual|Equal\w*|AreEqual)$/
/** Callees whose last argument may be a message about the failure. */
const TAKES_MESSAGE = /^\s*(?:await\s+)?(?:assert|self\.assert|t\.|require\.|Assert)/

/**
 * Finds assertions that a change edits so that more results satisfy them: an argument or an operand is dropped
 * (`.expect(200, 'x')` → `.expect(200)`), or a comparison becomes a check that something is there (`toBe(3)` →
 * `toBeDefined()`). An assertion that was only moved, or split into several, is none.
 *
 * @param assertion matches a line with an assertion.
 * @returns how many.
 */
export function countWeakened({ removed, added }: EditedLines, assertion: RegExp): number {
  const [old, now] = [removed, added].map((lines) => statementsIn(lines.map(withoutComment), assertion))
  if (old === undefined || now === undefined) return 0
  const asserts = (statements: readonly string[], others: readonly string[]) => {
    const same = new Set(others.map(squeezedCode))
    return statements
      .filter((one) => assertion.test(one) && !same.has(squeezedCode(one)))
      .slice(0, MOST_LINES)
  }
  const before = asserts(old, now)
  const after = asserts(now, old)
  const weakened = new Set(looserOnes(before, after))
  if (after.length > before.length) return weakened.size
  const left = new Set(after)
  for (const line of before) {
    const weaker = [...left].find((candidate) => isWeaker(line, candidate))
    if (weaker === undefined) continue
    left.delete(weaker)
    weakened.add(line)
  }
  return weakened.size
}

/** Those in whose place only ones are that accept more. Each of the others takes the place of one. */
function looserOnes(before: readonly string[], after: readonly string[]): readonly string[] {
  const facts = (statement: string) => ({
    statement,
    strength: strengthOf(statement),
    subjects: subjectsOf(statement),
  })
  const left = new Set(after.map(facts))
  const take = (isMatch: (one: ReturnType<typeof facts>) => boolean) => {
    const found = [...left].find(isMatch)
    if (found !== undefined) left.delete(found)
    return found !== undefined
  }
  const open = before.map(facts).filter((old) => {
    return !take(
      (now) =>
        now.strength >= old.strength &&
        isAbout(now.subjects, old.subjects) &&
        !acceptsMore(old.statement, now.statement),
    )
  })
  return open
    .filter((old) =>
      take(
        (now) =>
          (now.strength < old.strength && isAbout(now.subjects, old.subjects)) ||
          acceptsMore(old.statement, now.statement),
      ),
    )
    .map(({ statement }) => statement)
}

/** What a line says behind its code asserts nothing. */
function withoutComment(line: string): string {
  return line.replace(/\s(?:#|\/\/)\s[^"'`]*$/, '')
}

/** Nothing else than what the other is about. */
function isAbout(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size > 0 && [...some].every((name) => all.has(name))
}

const MOST_JOINED = 30

/** Lines, with what follows an assertion until its brackets are closed: formatters break and join them. */
export function statementsIn(lines: readonly string[], assertion: RegExp): readonly string[] {
  const statements: string[] = []
  for (let at = 0; at < lines.length; at++) {
    let text = lines[at] ?? ''
    let open = assertion.test(text) ? openBrackets(text) : 0
    for (let joined = 0; open > 0 && joined < MOST_JOINED && at + 1 < lines.length; joined++) {
      at++
      const next = (lines[at] ?? '').trim()
      text += ` ${next}`
      open += openBrackets(next)
    }
    statements.push(text)
  }
  return statements
}

function openBrackets(text: string): number {
  const code = text.replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '')
  return (code.match(/[([{]/g)?.length ?? 0) - (code.match(/[)\]}]/g)?.length ?? 0)
}

function isWeaker(before: string, after: string): boolean {
  const [old, now] = [tokensOf(before), tokensOf(after)]
  if (isPart(now, old)) return losesMeaning(old, now) && !onlyMessage(before, old, now)
  return false
}

/** Words, strings, comparisons, and every other sign of its own. */
function tokensOf(line: string): readonly string[] {
  return (
    line.replace(/\bis not None\b/, 'IsNotNone').match(/"[^"]*"|'[^']*'|`[^`]*`|\w+|[=!<>]=+|[^\s\w]/g) ?? []
  )
}

/** The same with something left out. */
function isPart(some: readonly string[], all: readonly string[]): boolean {
  if (some.length >= all.length) return false
  let at = 0
  for (const token of all) if (token === some[at]) at += 1
  return at === some.length && some.some((token) => /\w/.test(token))
}

/** A value, an operand or a matcher is dropped: not only a call around a value that remains. */
function losesMeaning(old: readonly string[], now: readonly string[]): boolean {
  let at = 0
  const dropped = old.filter((token) => {
    if (token !== now[at]) return true
    at += 1
    return false
  })
  return dropped.some(
    (token) => /^["'`\d]|^[=!<>]=|^[,/&|+<>]$|^(?:and|or|not|in|is)$/.test(token) || STRICT.test(token),
  )
}

function onlyMessage(before: string, old: readonly string[], now: readonly string[]): boolean {
  if (!TAKES_MESSAGE.test(before)) return false
  const gone = old.length - now.length
  const strings = old.filter((token) => /^["'`]/.test(token)).length
  const stringsLeft = now.filter((token) => /^["'`]/.test(token)).length
  // A comma and a string, behind at least two arguments or one operand.
  return gone === 2 && strings === stringsLeft + 1 && now.includes(',')
}
