import { has, type ReadAssertion, squeezedCode } from './read-assertion.ts'

const WIDE_ERROR =
  /\b(?:Base)?Exception\b|\bThrowable\b|\bRuntimeException\b|\bStandardError\b|\bScriptError\b|\bError\b|\bSystem\.Exception\b/
const NAMED_ERROR =
  /\b(?:[A-Z]\w{0,99}(?:Error|Exception|Failure|Fault|Warning)|[A-Z]\w{0,99}::\w+|KeyboardInterrupt|SystemExit|StopIteration)\b/
const EXPECTS_ERROR =
  /\braises?\b|\b\w{0,20}[tT]hrows?\w{0,20}\b|\bexpectException\b|\braise_error\b|\bshould_panic\b|\bexpected\s*=/
const ALTERNATIVES = /\bor\b|\|\||\.[oO]r\b/g
const TOLERANCE =
  /\b(?:abs|rel(?=_|\b)|delta|atol|rtol|epsilon|tolerance|within|be_within|NEAR|InDelta|InEpsilon|in_delta|in_epsilon|isCloseTo|offset|max_?[dD]iff)\w*/
const DIGITS = /\b(?:toBeCloseTo|places|decimal|assertAlmostEqual|assert_almost_equal|closeTo)\b/
/** `ALL` asks for each of several values, `ANY` for one of them. */
const ALL = /\ball\b\??|\bevery\b|\ballSatisfy\b|\ballMatch\b|\bAll\b/
const ANY = /\bany\b\??|\bsome\b|\banySatisfy\b|\banyMatch\b|\bAny\b/
/** Takes only the first of several values. */
const FIRST = /\??\[0\]|\.(?:first|at\(0\)|get\(0\)|First\(\)|nth\(0\))\b/
const SOME = '#'
/** An argument that says how far a value may be off. */
const TOLERATES =
  /,\s*(?:rel|abs|rtol|atol|delta|places|epsilon|tolerance|precision|within|rel_tol|abs_tol)\s*[=:]\s*[\w.+-]{1,40}/
/** Options of a comparison that leave something out of it. */
const LENIENT =
  /,\s*(?:check_(?!like)\w{1,30}\s*=\s*False|check_like\s*=\s*True|equal_nan\s*=\s*True|ignore\w{1,40}\s*:\s*true|\w{1,20}\s*=>\s*\w{1,20}\.Excluding\([^()]{0,100}\))|(?:\.usingRecursiveComparison\(\))?\.ignoring\w{1,40}\([^()]{0,200}\)/g
/** A pattern that matches every text. */
const ANY_TEXT =
  /\bmatch\s*=\s*r?["'](?:\^?\.[*+]?\$?)?["']|\(\s*\/\^?(?:\.|\\[wWsSdD]|\[\\s\\S\]|\(\?:\))?[*+]?\$?\/[a-z]{0,4}\s*\)|[(,]\s*["']\^?\.[*+]\$?["']\s*\)/
/** `OR_ELSE` puts a default in the place of a missing value; `CLAMPED` keeps a value within bounds. */
const OR_ELSE = /\s{0,5}(?:\|\||\?\?|\?:|\bor\b)\s*(?:""|-?\d[\d._]{0,20}|\w{1,40})(?=\s*\))/
const CLAMPED = /\b(?:Math\.)?(?:min|max|clamp)\(((?:[^(),]|\([^()]{0,100}\)){1,200}),[^()]{1,40}\)/
/** Asserts how often a mock was called, and with which arguments. */
const VERIFIES = /\b[vV]erify\w{0,20}\(/
const TIMES = /\b(?:times|exactly|atMost\w{0,8}|atLeast\w{0,8}|never|only)\b/g
const TIMES_ASKED = /\b(?:times|exactly)\b/
const ANY_TIMES = /\b(?:atMost|atLeast)\w{0,8}\b/
const ANY_ARGUMENT =
  /\bany(?:Int|String|Long|Boolean|List|Map|Set|Object|Double)?\(\)|\bIt\.IsAny<[^>]{0,60}>\(\)/g
const PATTERN = /\/(?:[^/\\\n]|\\.){1,200}\/[a-z]{0,4}(?=\s*\))/g
const OF_TYPES = /\b(?:expect|assert)(?:Type(?:Of)?|Assignable)\b/
/** Types that every value has. */
const ANY_TYPE = /<(?:any|unknown)>|\bas (?:any|unknown)\b|\btoBe(?:Any|Unknown)\(/
/** Accepts any of several values. */
const ONE_OF = /\b(?:anyOf|oneOf|isIn|toBeOneOf|isOneOf|be_one_of|isAnyOf)\s*\(/
const LITERAL = /"[^"]{1,200}"|'[^']{1,200}'|`[^`]{1,200}`|\b\d[\d.]*\b/g
/** An assignment expression of Python, which names a value in the comparison: `(x := f())`. */
const NAMED_VALUE = /\(\s*\w{1,40}\s*:=\s*((?:[^()]|\([^()]{0,200}\)){1,200})\)/
/** Sorts a value, so that its order no longer counts. */
const SORTS =
  /\.(?:sort|toSorted|sorted|sort_by|sort!|sort_unstable|OrderBy|Order)\b|\bsorted\(|\b(?:slices|sort|Collections|Arrays)\.(?:Sort|sort|Sorted|Strings|Ints)\w*\(/
const SORT_CALLS =
  /\.(?:sort|toSorted|sorted|sort_by|sort!|sort_unstable|OrderBy|Order)(?:\((?:[^()]|\([^()]{0,100}\)){0,100}\)|(?=[\s.)]))/g
const SORTED = /\bsorted\(((?:[^()]|\([^()]{0,200}\)){1,200})\)/g
/** Transforms a value before the comparison, such as to lower case or to a rounded number. */
const NORMALIZES =
  /\.(?:replace|replaceAll|gsub|toLowerCase|toUpperCase|lower|upper|downcase|upcase|ToLower\w*|ToUpper\w*|lowercase|casefold|normalize|round|floor|ceil|trunc|toFixed|to_i|toInt|toLong)\b|\((?:int|float|string|bool)\)\s*[\w$]|\b(?:int|float)val\(|\bre\.sub\(|\bround\(|\b(?:int|parseInt)\(|\bMath\.(?:round|floor|trunc)\(|\bstrings\.(?:ToLower|ToUpper|ReplaceAll)\(/
const FORM_CALLS =
  /\.(?:replace|replaceAll|gsub|toLowerCase|toUpperCase|lower|upper|downcase|upcase|ToLower\w*|ToUpper\w*|lowercase|casefold|normalize|round|floor|ceil|trunc|toFixed|to_i|toInt|toLong|strip|trim)(?:\((?:[^()]|\([^()]{0,100}\)){0,100}\)|(?=[\s.)]))/g
const FORM_CASTS = /\((?:int|float|string|bool)\)\s*(?=[\w$])/g
const FORM_WRAPS =
  /\b(?:round|int|parseInt|Math\.(?:round|floor|trunc)|strings\.(?:ToLower|ToUpper))\(((?:[^()]|\([^()]{0,200}\)){1,200}?)(?:,[^()]{1,40})?\)/g
/** Compares the members of two lists in any order. */
const UNORDERED =
  /\bcontainsExactlyInAnyOrder\w{0,20}\b|\bElementsMatch\b|\bmatch_array\b|\bcontain_exactly\b|\bassert(?:CountEqual|ItemsEqual|EqualsCanonicalizing)\b|\b(?:toIncludeSameMembers|sameMembers|sameDeepMembers|haveSameElements|Equivalent|assertSameElements)\b|\bassert\s+(?:set|frozenset|Counter)\(/
const ORDER_WORDS =
  /\b(?:containsExactly(?:InAnyOrder)?\w{0,20}|ElementsMatch|Equal|match_array|contain_exactly|eq|eql|assert(?:CountEqual|ItemsEqual|EqualsCanonicalizing|Equals?|ListEqual|Same)|toIncludeSameMembers|sameMembers|sameDeepMembers|toEqual|toStrictEqual|deepEqual)\b/g
const AS_SET = /\b(?:set|frozenset|Counter)\(((?:[^()]|\([^()]{0,200}\)){1,200})\)/g
/** A snapshot whose property matchers accept anything. */
const ANY_PARTS = /\btoMatch(?:Inline)?Snapshot\(\s*\{.{0,400}\bexpect\.anything\(/
/** Wraps the whole value as one property, for which the snapshot accepts anything. */
const ANY_WHOLE =
  /\bexpect\(\s*\{\s*(\w{1,40})\s*:.{0,300}\}\s*\)\s*\.toMatch(?:Inline)?Snapshot\(\s*\{\s*\1\s*:\s*expect\.any(?:thing)?\([^()]{0,40}\)\s*,?\s*\}/
const IN_SNAPSHOT = /\btoMatch(?:Inline)?Snapshot\(/
const PARTS =
  /(?<=\btoMatch(?:Inline)?Snapshot\()(?:[^()]|\((?:[^()]|\([^()]{0,100}\)){0,200}\)){0,400}(?=\))/
const SETTLES = /\.(?:resolves|rejects)\b/
const AWAITS = /\bawait\b/
const IS_WAITED_FOR = /\b(?:await|return)\b/
/** Rust's insta: parts of a snapshot that are written as a fixed text. */
const REDACTED = /,\s*\{\s*""\s*=>[^{}]{0,400}\}(?=\s*\))/
const NUMBER = /(?:\b\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?/gi

/** Options of a comparison of pictures that leave a part of them out, or allow differences. */
const LOOSE_PICTURE =
  /\b(?:mask|clip|stylePath|maxDiffPixels|maxDiffPixelRatio|threshold|failureThreshold)\s*:/g
const OF_PICTURE = /\bto(?:HaveScreenshot|MatchImageSnapshot)\(/
/** A number of calls that no call satisfies as well. */
const ALSO_NONE = /,\s*(?:\w{1,40}\.)?(?:atLeast\(\s*0\s*\)|atMost\w{0,8}\([^()]{0,20}\))/

/** True if `now` is `old` with more accepted results: a wider error, one more alternative, a larger tolerance. */
export function acceptsMore(old: ReadAssertion, now: ReadAssertion): boolean {
  if (has(now, OR_ELSE) && swapped(now, OR_ELSE, '') === compact(old)) return true
  if (has(now, CLAMPED) && swapped(now, CLAMPED, '$1') === compact(old)) return true
  if (has(now, REDACTED) && swapped(now, REDACTED, '') === compact(old)) return true
  if (has(now, SORTS) && !has(old, SORTS) && unsorted(now) === compact(old)) return true
  if (has(now, UNORDERED) && !has(old, UNORDERED) && ordered(now) === ordered(old)) return true
  if (has(now, NORMALIZES) && !has(old, NORMALIZES) && unformed(now) === unformed(old)) return true
  if (has(now, ANY_PARTS) && has(old, IN_SNAPSHOT) && !has(old, ANY_PARTS))
    return swapped(now, PARTS, '') === swapped(old, PARTS, '')
  if (has(old, IN_SNAPSHOT) && has(now, ANY_WHOLE) && !has(old, ANY_WHOLE)) return true
  if (has(old, VERIFIES) && has(now, VERIFIES) && verifiesLess(old, now)) return true
  if (has(now, ALSO_NONE) && swapped(now, ALSO_NONE, '') === compact(old)) return true
  if (
    has(now, OF_PICTURE) &&
    has(old, OF_PICTURE) &&
    countOf(now, LOOSE_PICTURE) > countOf(old, LOOSE_PICTURE)
  )
    return startOf(old, OF_PICTURE) === startOf(now, OF_PICTURE)
  if (has(now, ANY_TEXT, 'statement') && !has(old, ANY_TEXT, 'statement') && fillsIn(now) === fillsIn(old))
    return true
  if (has(old, EXPECTS_ERROR) && has(now, EXPECTS_ERROR) && widensError(old, now)) return true
  if (has(old, SETTLES) && has(old, AWAITS) && !has(now, IS_WAITED_FOR))
    return swapped(old, AWAITS, '') === compact(now)
  if (has(old, OF_TYPES) && has(now, OF_TYPES) && has(now, ANY_TYPE) && !has(old, ANY_TYPE)) return true
  if (has(old, ALL) && has(now, ANY) && swapped(old, ALL, SOME) === swapped(now, ANY, SOME)) return true
  if (has(old, ALL) && has(now, FIRST) && !has(old, FIRST) && startOf(old, ALL) === startOf(now, FIRST))
    return true
  if (
    countOf(now, LENIENT) > countOf(old, LENIENT) &&
    swapped(now, LENIENT, '') === swapped(old, LENIENT, '')
  )
    return true
  if (has(now, TOLERATES) && swapped(now, TOLERATES, '') === compact(old)) return true
  if (alternatives(now) > alternatives(old) && startsWith(now, old)) return true
  if (has(now, ONE_OF) && !has(old, ONE_OF) && isAmong(old, now)) return true
  return widensTolerance(old, now)
}

function unsorted(one: ReadAssertion): string {
  return one.fact('unsorted', () => squeezedCode(one.code.replace(SORT_CALLS, '').replace(SORTED, '$1')))
}

/** The code without words about order, without brackets, and with a run of values as a single value. */
function ordered(one: ReadAssertion): string {
  return one.fact('ordered', () =>
    squeezedCode(one.code.replace(AS_SET, '$1').replace(ORDER_WORDS, 'same'))
      .replace(/[[\]{}]/g, '')
      .replace(/(?:"",?){2,}|(?:\d+,?){2,}/g, '""'),
  )
}

/** The code without calls that transform values, and with every number as 0. */
function unformed(one: ReadAssertion): string {
  return one.fact('unformed', () =>
    squeezedCode(
      one.code
        .replace(FORM_CALLS, '')
        .replace(FORM_CASTS, '')
        .replace(FORM_WRAPS, '$1')
        .replace(/""/g, '0')
        .replace(NUMBER, '0'),
    ),
  )
}

function compact(one: ReadAssertion): string {
  return one.fact('compact', () => squeezedCode(one.code))
}

/** The code with `other` in the place of the matches of a pattern. */
function swapped(one: ReadAssertion, pattern: RegExp, other: string): string {
  return one.fact(`${other} for ${pattern.source}`, () => squeezedCode(one.code.replace(pattern, other)))
}

/** The code before the first match of a pattern. */
function startOf(one: ReadAssertion, pattern: RegExp): string {
  return one.fact(`start ${pattern.source}`, () =>
    squeezedCode(one.code.slice(0, pattern.exec(one.code)?.index)).replace(/[.!?]+$/, ''),
  )
}

function verifiesLess(old: ReadAssertion, now: ReadAssertion): boolean {
  const bare = (one: ReadAssertion) =>
    one.fact('verified', () =>
      squeezedCode(
        one.code.replace(ANY_ARGUMENT, '0').replace(TIMES, 'times').replace(/""/g, '0').replace(NUMBER, '0'),
      ),
    )
  if (bare(old) !== bare(now)) return false
  return (
    countOf(now, ANY_ARGUMENT) > countOf(old, ANY_ARGUMENT) ||
    (has(now, ANY_TIMES) && !has(old, ANY_TIMES) && has(old, TIMES_ASKED))
  )
}

function fillsIn(one: ReadAssertion): string {
  return swapped(one, PATTERN, '""')
}

/** Captures the code in front of the error that is expected, and its name. */
const ASKED_ERROR =
  /^(.{0,200}?\b(?:raises|assertRaises\w{0,10}|assert_raises?|assertThrows\w{0,10}|Throws\w{0,10}|raise_error|expectException)[(<]\s*)(?:typeof\()?\\?([\w.:\\]{1,100})/
const ANY_ERROR =
  /^(?:Base)?Exception$|^Throwable$|^RuntimeException$|^StandardError$|^Error$|^System\.Exception$/

function widensError(old: ReadAssertion, now: ReadAssertion): boolean {
  const asked = (one: ReadAssertion) => one.fact(ASKED_ERROR, () => ASKED_ERROR.exec(one.code))
  const [, front = '', name = ''] = asked(old) ?? []
  const [, frontNow, nameNow = ''] = asked(now) ?? []
  if (front !== '' && squeezedCode(front) === squeezedCode(frontNow ?? '') && ANY_ERROR.test(nameNow))
    return name !== '' && !ANY_ERROR.test(name)
  const first = (one: ReadAssertion, pattern: RegExp) =>
    one.fact(`first ${pattern.source}`, () => pattern.exec(one.code)?.[0])
  const was = first(old, NAMED_ERROR)
  const is = first(now, WIDE_ERROR)
  if (was === undefined || is === undefined || first(old, WIDE_ERROR) === was) return false
  const same = (text: string) => text.replace(/\bThrowsAny/, 'Throws')
  return same(swapped(old, NAMED_ERROR, '')) === same(swapped(now, WIDE_ERROR, ''))
}

function alternatives(one: ReadAssertion): number {
  return countOf(one, ALTERNATIVES)
}

/** True if the values of `old` are among those of `now`, which has more. */
function isAmong(old: ReadAssertion, now: ReadAssertion): boolean {
  const values = (one: ReadAssertion) =>
    one.fact('literals', () => new Set(one.statement.match(LITERAL) ?? []))
  return values(old).size > 0 && values(old).size < values(now).size && values(old).isSubsetOf(values(now))
}

function countOf(one: ReadAssertion, pattern: RegExp): number {
  return one.fact(`count ${pattern.source}`, () => one.code.match(pattern)?.length ?? 0)
}

/** True if `now` starts like `old` without its last brackets. */
function startsWith(now: ReadAssertion, old: ReadAssertion): boolean {
  return swapped(now, NAMED_VALUE, '$1').startsWith(
    old.fact('start', () => compact(old).replace(/[);]+$/, '')),
  )
}

/** True if both differ only in numbers, and `now` tolerates a larger distance: a larger delta, or fewer decimal places. */
export function widensTolerance(old: ReadAssertion, now: ReadAssertion): boolean {
  const counts = has(old, DIGITS)
  if (!counts && !has(old, TOLERANCE)) return false
  if (swapped(old, NUMBER, '0') !== swapped(now, NUMBER, '0')) return false
  const [was, is] = [old, now].map(({ code }) => (code.match(NUMBER) ?? []).map(numberOf))
  const last = (was?.length ?? 0) - 1
  const [one = 0, other = 0] = [was?.[last], is?.[last]]
  return counts ? other < one : other > one
}

/** Digits may be in groups: `60_000`. */
function numberOf(digits: string): number {
  return Number(digits.replaceAll('_', ''))
}
