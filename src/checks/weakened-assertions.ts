/** Lines of a test file that a change takes out and puts in. */
interface EditedLines {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** Comparing each with each must not take long. */
const MOST_LINES = 100

/** What asks for one value, and what many values satisfy. */
const STRICT =
  /^(?:toBe|toEqual|toStrictEqual|toMatchObject|toHaveBeenCalledWith|toThrow\w*|(?:strict|deep|deepStrict)?[eE]qual\w*|same|is|like|assert_eq|assertEqual\w*|assertEquals|assertSame|assertDictEqual|assertListEqual|Equal\w*|AreEqual)$/
const LOOSE =
  /^(?:toBeTruthy|toBeDefined|toBeFalsy|toBeNull|toBeUndefined|toHaveBeenCalled|toBeInstanceOf|toHaveProperty|not|ok|truthy|notEqual\w*|notDeepEqual\w*|assert|assertTrue|assertFalse|assertIsNotNone|assertIsInstance|assertNotNull|assertNotEqual\w*|assertNotEquals|NotNil|NotEmpty|True|IsNotNull|IsTrue|IsNotNone)$/
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
  const asserts = (lines: readonly string[], others: readonly string[]) => {
    const same = new Set(others.map((line) => line.trim()))
    return lines.filter((line) => assertion.test(line) && !same.has(line.trim())).slice(0, MOST_LINES)
  }
  const before = asserts(removed, added)
  const after = asserts(added, removed)
  if (before.length === 0 || after.length > before.length) return 0
  const left = new Set(after)
  let weakened = 0
  for (const line of before) {
    const weaker = [...left].find((candidate) => isWeaker(line, candidate))
    if (weaker === undefined) continue
    left.delete(weaker)
    weakened += 1
  }
  return weakened
}

function isWeaker(before: string, after: string): boolean {
  const [old, now] = [tokensOf(before), tokensOf(after)]
  if (isPart(now, old)) return !onlyMessage(before, old, now)
  const kept = now.filter((token) => !LOOSE.test(token) && /\w/.test(token))
  const known = new Set(old)
  const loosens = old.some((token) => STRICT.test(token)) || old.includes('==')
  const isLoose = now.some((token) => LOOSE.test(token)) && !now.some((token) => STRICT.test(token))
  return loosens && isLoose && kept.every((token) => known.has(token))
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

function onlyMessage(before: string, old: readonly string[], now: readonly string[]): boolean {
  if (!TAKES_MESSAGE.test(before)) return false
  const gone = old.length - now.length
  const strings = old.filter((token) => /^["'`]/.test(token)).length
  const stringsLeft = now.filter((token) => /^["'`]/.test(token)).length
  // A comma and a string, behind at least two arguments or one operand.
  return gone === 2 && strings === stringsLeft + 1 && now.includes(',')
}
