import { acceptsMore } from './accepts-more.ts'
import { strengthOf, subjectsOf } from './assertion-strength.ts'
import { has, type ReadAssertion, readAssertion } from './read-assertion.ts'
import { bareCode, hasOtherList, isOpposite, withValues } from './same-assertions.ts'

/** Lines of a test file that a change removes and adds. */
interface EditedLines {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** The most pairs to compare, to bound the time. Only one in 3,000 changes edits 140 assertions of a file at once. */
const MOST_PAIRS = 20_000

/** Matchers that ask for one value. */
const STRICT =
  /^(?:toBe|toEqual|toStrictEqual|toMatchObject|toHaveBeenCalledWith|toThrow\w*|(?:strict|deep|deepStrict)?[eE]qual\w*|same|is|like|assert_eq|assertEqual\w*|assertEquals|assertSame|assertDictEqual|assertListEqual|Equal\w*|AreEqual)$/
/** Callees whose last argument may be a message about the failure. */
const TAKES_MESSAGE = /^\s*(?:await\s+)?(?:assert|self\.assert|t\.|require\.|Assert)/

/**
 * Finds assertions that a change edits so that more results satisfy them: an argument or an operand is dropped
 * (`.expect(200, 'x')` → `.expect(200)`), or a comparison becomes a check that something is there (`toBe(3)` →
 * `toBeDefined()`). An assertion that only moved, or that was split into several, does not count.
 *
 * @param assertion matches a line with an assertion.
 * @returns the number of weakened assertions; undefined if there are too many pairs to compare.
 */
export function countWeakened({ removed, added }: EditedLines, assertion: RegExp): number | undefined {
  const [old, now] = [removed, added].map((lines) =>
    statementsIn(lines.filter((line) => !isComment(line)).map(withoutComment), assertion),
  )
  if (old === undefined || now === undefined) return 0
  const asserts = (statements: readonly string[], others: readonly string[]) => {
    const same = new Set(others.map(bareCode))
    return statements.filter((one) => assertion.test(one) && !same.has(bareCode(one))).map(readAssertion)
  }
  const before = asserts(old, [...now, ...withValues(now, added)])
  const after = asserts(now, old)
  if (before.length * after.length > MOST_PAIRS) return undefined
  const weakened = new Set(looserOnes(before, after))
  if (after.length > before.length) return weakened.size
  const left = new Set(after)
  for (const line of before) {
    const weaker = left.values().find((candidate) => isWeaker(line, candidate))
    if (weaker === undefined) continue
    left.delete(weaker)
    weakened.add(line)
  }
  return weakened.size
}

/** Old assertions whose only counterparts accept more. Each new assertion is the counterpart of at most one old one. */
function looserOnes(
  before: readonly ReadAssertion[],
  after: readonly ReadAssertion[],
): readonly ReadAssertion[] {
  const facts = (one: ReadAssertion) => ({
    one,
    strength: strengthOf(one.statement),
    subjects: subjectsOf(one.statement),
  })
  const left = new Set(after.map(facts))
  const take = (isMatch: (now: ReturnType<typeof facts>) => boolean) => {
    const found = left.values().find(isMatch)
    if (found !== undefined) left.delete(found)
    return found !== undefined
  }
  const values = new Set(after.flatMap(valuesIn))
  const open = before.map(facts).filter((old) => {
    return !take(
      (now) =>
        now.strength >= old.strength &&
        isAbout(now.subjects, old.subjects) &&
        !acceptsMore(old.one, now.one) &&
        !asksForOneMember(old.one, now.one, values),
    )
  })
  return open
    .filter((old) =>
      take(
        (now) =>
          (now.strength < old.strength &&
            isAbout(now.subjects, old.subjects) &&
            !isOpposite(old.one, now.one)) ||
          acceptsMore(old.one, now.one) ||
          (isAbout(now.subjects, old.subjects) && asksForOneMember(old.one, now.one, values)),
      ),
    )
    .map(({ one }) => one)
}

const VALUE = /"[^"]{1,200}"|'[^']{1,200}'|`[^`]{1,200}`|\b\d[\d.]*\b/g
const FUNCTION = /=>|\bfunc\b|\bfunction\b|\blambda\b|\breturn\b|\bdo\b/
/** An object or a list with values in it. */
const STRUCTURE = /[[{]\s*["'\w]/

function valuesIn({ statement }: ReadAssertion): readonly string[] {
  return statement.match(VALUE) ?? []
}

/** True if one value replaces a whole structure, and at least half of its values are in no new assertion. */
function asksForOneMember(old: ReadAssertion, now: ReadAssertion, everywhere: ReadonlySet<string>): boolean {
  if (!isStructure(old) || isStructure(now) || old.fact(FUNCTION, () => FUNCTION.test(placed(old))))
    return false
  const values = (one: ReadAssertion) => one.fact(VALUE, () => placed(one).match(VALUE) ?? [])
  const missing = old.fact('missing', () => values(old).filter((value) => !everywhere.has(value)))
  if (missing.length === 0 || 2 * missing.length < values(old).length) return false
  const of = old.fact('values', () => new Set(values(old)))
  return values(now).some((value) => of.has(value))
}

/** The statement without indexes and keys in brackets, which only say where a value is. */
function placed(one: ReadAssertion): string {
  return one.fact(INDEX, () => one.statement.replace(INDEX, ''))
}

function isStructure(one: ReadAssertion): boolean {
  return one.fact(STRUCTURE, () => STRUCTURE.test(placed(one)))
}

const COMMENT = /^\s*(?:\/\/|\/\*|\*\s|--\s|#(?!\[|expect\(|require\(|\s*define\b))/

export function isComment(line: string): boolean {
  return COMMENT.test(line)
}

/** Removes a comment after code, which asserts nothing. */
function withoutComment(line: string): string {
  return line.replace(/\s(?:#|\/\/)\s[^"'`]*$/, '')
}

/** True if `some` has names, and all of them are in `all`. */
function isAbout(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size > 0 && [...some].every((name) => all.has(name))
}

const MOST_JOINED = 30
/** Joins the lines of each assertion until its brackets are closed, since formatters break lines differently. */
export function statementsIn(lines: readonly string[], assertion: RegExp): readonly string[] {
  const statements: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const { text, end } = assertion.test(lines[at] ?? '')
      ? joined(lines, at, assertion)
      : { text: lines[at] ?? '', end: at }
    statements.push(text)
    at = end
  }
  return statements
}

/**
 * The assertion that begins in a line, and the index of its last line. A diff may lack the end of an assertion, which then goes on
 * until the next one begins.
 */
function joined(lines: readonly string[], start: number, assertion: RegExp) {
  let [text, end] = [lines[start] ?? '', start]
  const indent = text.search(/\S/)
  let open = openBrackets(text)
  let cut: { readonly text: string; readonly end: number } | undefined
  while (end - start < MOST_JOINED && end + 1 < lines.length) {
    const next = lines[end + 1] ?? ''
    const goesOnAsChain = /^\s*(?:[?!]{0,2}\.\w|(?:to|not_to|to_not)\s)/.test(next)
    if (open <= 0 && !goesOnAsChain) break
    if (!goesOnAsChain && assertion.test(next) && next.search(/\S/) <= indent) cut ??= { text, end }
    text += ` ${next.trim()}`
    open += openBrackets(next)
    end += 1
  }
  return open > 0 && cut !== undefined ? cut : { text, end }
}

function openBrackets(text: string): number {
  const code = text.replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '')
  return (code.match(/[([{]/g)?.length ?? 0) - (code.match(/[)\]}]/g)?.length ?? 0)
}

function isWeaker(before: ReadAssertion, after: ReadAssertion): boolean {
  if (has(before, SNAPSHOT, 'statement') && has(after, TO_FILE, 'statement')) return false
  if (hasOtherList(before, after) || isOpposite(before, after)) return false
  const [old, now] = [tokensOf(before), tokensOf(after)]
  return isPart(now, old) && losesMeaning(old, now) && !onlyMessage(before.statement, old, now)
}

/** Words, strings, comparisons, and each other character as a token of its own. */
function tokensOf(one: ReadAssertion): readonly string[] {
  return one.fact(
    TOKEN,
    () =>
      one.statement
        .replace(/\bis not None\b/, 'IsNotNone')
        .replace(/,(?=\s*[)\]}])|\sas\s(?:unknown|any|Record<[\w\s,]{1,80}>)(?=\s*[,)])/g, '')
        .replace(INDEX, '')
        .match(TOKEN) ?? [],
  )
}

const TOKEN = /"[^"]*"|'[^']*'|`[^`]*`|\w+|[=!<>]=+|[^\s\w]/g
/** An index or a key in brackets says where a value is, not what it is. */
const INDEX = /(?<=[\w)\]])\[\s*(?:\d{1,9}|"[^"]{0,100}"|'[^']{0,100}')\s*\]/g
const SNAPSHOT = /\btoMatch(?:Inline)?Snapshot\(/
const TO_FILE = /\btoMatchSnapshot\(/
/** True if `some` is `all` in the same order with tokens left out. */
function isPart(some: readonly string[], all: readonly string[]): boolean {
  if (some.length >= all.length) return false
  let at = 0
  for (const [from, token] of all.entries()) {
    if (token === some[at]) at += 1
    if (at === some.length || some.length - at >= all.length - from) break
  }
  return at === some.length && some.some((token) => /\w/.test(token))
}

/** True if a value, an operand or a matcher is dropped, not only a call around a value that remains. */
function losesMeaning(old: readonly string[], now: readonly string[]): boolean {
  let at = 0
  const dropped = withoutArithmetic(old, now).filter((token) => {
    if (token !== now[at]) return true
    at += 1
    return false
  })
  return dropped.some(
    (token) => /^["'`\d]|^[=!<>]=|^[,/&<>]$|^(?:and|or|not|in|is)$/.test(token) || STRICT.test(token),
  )
}

const ARITHMETIC = / (?:[-+*] [\w.]{1,60}|\| \| [\w.]{1,60})(?= [,)])|[\w.]{1,60} \| \| /g

/** The old tokens, or `now` if only arithmetic or an alternative is dropped, since that asks for another value. */
function withoutArithmetic(old: readonly string[], now: readonly string[]): readonly string[] {
  const code = (tokens: readonly string[]) => tokens.join(' ')
  return code(old).replace(ARITHMETIC, '') === code(now) ? now : old
}

function onlyMessage(before: string, old: readonly string[], now: readonly string[]): boolean {
  if (!TAKES_MESSAGE.test(before)) return false
  // A message of several words after a comma, and values that are put into it.
  const message = old.findIndex((token, at) => at > 4 && /^["'`].*\s/.test(token) && old[at - 1] === ',')
  if (
    message > 0 &&
    now.slice(0, message - 1).join(' ') === old.slice(0, message - 1).join(' ') &&
    now.length <= message + 1
  )
    return true
  const [strings = 0, stringsLeft = 0] = [old, now].map(
    (all) => all.filter((one) => /^["'`]/.test(one)).length,
  )
  // Only a comma and a string were dropped, and other arguments remain.
  return old.length - now.length === 2 && strings === stringsLeft + 1 && now.includes(',')
}
