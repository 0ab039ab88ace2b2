import { has, type ReadAssertion, squeezedCode, withoutTexts } from './read-assertion.ts'

/** How many results satisfy an assertion: 3 means one value, 2 a part of it or something near it, 1 many. */
type Strength = 1 | 2 | 3

/** Says what a result is not, or on which side of a value it is. */
const NEGATED =
  /\bnot\b|\.(?:not|isNot\w*|doesNot\w*|to_not|not_to|Not\w*)\b|\b(?:assert|refute|expect)_?\w{0,20}(?:Not|not_|refute|_ne\b|_NE\b)\w*|\brefute\w*|\bwont_\w+|\b(?:NotEqual|notEqual|notDeepEqual|notStrictEqual|NotNil|NotEmpty|NotNull|notOk|notNullValue|assertFalse|EXPECT_FALSE|ASSERT_FALSE|EXPECT_NE|ASSERT_NE)\w*|!==?|\b(?:Greater|Less|(?:is|assert|toBe|be)?_?(?:Greater|Less|AtLeast|AtMost)|greater|less)\w*/
const ONE_VALUE =
  /\bto(?:Be|Equal|StrictEqual|HaveBeen\w*CalledWith|HaveBeenCalled\w*With|HaveBeenCalledOnce|HaveBeenCalledTimes|HaveLength|HaveCount|HaveText|HaveReturnedWith|MatchInlineSnapshot)\(|\b\w{0,20}(?:equal|Equal|Equals)(?:To|s|_to)?\w{0,10}!?\s*[(< ]|\b(?:assertSame|isSameAs|isSameInstanceAs|assertIs|assertIsNone|isNull|toBeNull|toBeUndefined|isEqualTo\w*|hasSize|containsExactly\w*|AreEqual|AreSame|Same|Len|JSONEq|EqualError|ElementsMatch|assert_nil|assert_called_once|assert_called\w*_with|assert_awaited\w*_with|assert_has_calls|equalTo|NoError|NotPanics|Empty|Zero|Nil|assertDoesNotThrow|assert_nothing_raised|be_nil|be_empty|isEmpty|shouldBe)\b|\bassert(?:_matches)?_eq!|\b(?:EXPECT|ASSERT)_(?:EQ|STREQ|STRCASEEQ|FLOAT_EQ|DOUBLE_EQ|THAT)\b|\b(?:eq|eql|eqv|equal|match_array|contain_exactly)\b[ (]|\bmust_equal\b|[^=!<>]===?[^=]|\bis (?!not\b)|\.is\(|,\s*is\(|\.Be\(|\.(?:by|from)\(/
const A_PART =
  /\bto(?:MatchObject|Contain\w*|Match\w*|HaveProperty|Throw\w*|BeCloseTo|ThrowError\w*)\((?!\s*\))|\b(?:assertIn|assertRegex\w*|assertAlmostEqual|assert_in_delta|assert_in_epsilon|assert_match|assert_includes|assert_matches!|assertStringContains\w*|assertContains|assertCount|InDelta|Contains|ErrorIs|ErrorContains|ErrorAs|Regexp|Subset|contains\w*|startsWith|endsWith|hasMessage\w*|isCloseTo|EXPECT_NEAR|ASSERT_NEAR|include|match|start_with|end_with|be_within|startswith|endswith|approx)\b|\bin\b|\bis not None and\b/
/** One value, and those around it. */
const NEARLY = /\bassertEqualsWithDelta\(|\bassertEqualsIgnoring\w{1,20}\(/
/** Makes one of two answers of every value, or names its type alone. */
const ANY_TRUTH =
  /(?:&&|\band)\s*(?:true|True)\b|[(!]!\s?[\w(]|\b(?:Array\.isArray|Number\.is\w{1,20})\(|\bBoolean\(|\bassert\s+is_(?:integer|binary|map|list|atom|boolean|float|number|tuple|function|pid|bitstring)\(|\bexpect\(\s*typeof\b|\bassert\w*[.\w]*\(\s*typeof\b/
/** How many there are says little of what they are. */
const A_SIZE =
  /\.(?:length|size|count|Count|Length|len)(?:\(\))?\s*[,)=!]|\blen\(|\bcount\(|\btoHaveLength\(|\btoHaveCount\(|\bhasSize\(|\.Len\(|\bassertCount\(/
/** In the place of a value, these let others pass. */
const ANY_VALUE =
  /\bexpect\.(?:anything|any|objectContaining|arrayContaining|stringContaining|stringMatching|closeTo)\(|\bmock\.ANY\b|\bANY\b|\bsinon\.match\b|\b(?:hash_including|array_including|anything|be_a|be_an|instance_of|kind_of|an_instance_of)\b|\bmock\.Anything\b|\bany\(\)|\bpytest\.approx\b/

/** @param statement one assertion, with what its brackets hold. */
export function strengthOf(statement: string): Strength {
  const code = withoutTexts(statement)
  // Few values are empty.
  if (/^\s*assert\s+not\s+[\w.]{1,100}\s*$/.test(code)) return 3
  if (NEGATED.test(code) || ANY_TRUTH.test(code)) return 1
  if (NEARLY.test(code)) return 2
  if (ONE_VALUE.test(code) && A_SIZE.test(code)) return 2
  if (ONE_VALUE.test(code)) return ANY_VALUE.test(code) ? 2 : 3
  return A_PART.test(code) ? 2 : 1
}

/** Names that say how something is asserted, not what. */
const VOCABULARY =
  /^(?:to[A-Z]\w*|to|not|be|expect\w*|assert\w*|ASSERT_\w+|EXPECT_\w+|Assert\w*|self|this|await|async|return|is|isA|are|in|and|or|if|t|tt|tb|require|must_\w+|wont_\w+|should\w*|eq|eql|eqv|equal\w*|Equal\w*|deepEqual|strictEqual|deepStrictEqual|Not[A-Z]\w*|Contains\w*|ElementsMatch|Regexp|Len|Be\w*|Should|notNullValue|nullValue|equalTo|change|by|from|raise_error|Nil|NoError|IsType|Throws\w*|Error\w*|Greater\w*|Less\w*|NotEmpty|Empty|True|False|true|false|null|None|nil|undefined|new|lambda|instanceof|typeof|any|anything|objectContaining|arrayContaining|stringContaining|resolves|rejects|is_ok|is_err|is_some|is_none|Ok|Err|Some|refute\w*|be_\w+|be|ok|notOk|match\w*|include\w*|pytest|approx|raises|abs|rel|isEqualTo|is[A-Z]\w*|hasSize|contains\w*|That|with|CHECK\w*|REQUIRE\w*|unwrap|BOOST_\w+|verify|XCTAssert\w*|not_to|to_not|truthy|falsy|greater|less|than|at|least)$/

/** Wrapped around what an assertion is about. */
const WRAPPER =
  /^(?:isinstance|int|str|float|bool|dict|list|set|tuple|len|sorted|is_(?:integer|binary|map|list|atom|boolean|float|number|tuple|function|pid|bitstring)|anyOf|oneOf|isIn|type|String|Number|Boolean|Array|Object|length|size|count|Length|Count)$/

/** What an assertion is about: names that it calls, or mentions where it calls none. */
export function subjectsOf(statement: string): ReadonlySet<string> {
  const code = withoutTexts(statement).slice(0, 2000)
  const called = [...code.matchAll(/\b([A-Za-z_$][\w$]{0,99})\s?!?\(/g)].map(([, name = '']) => name)
  const telling = called.filter((name) => !VOCABULARY.test(name) && !WRAPPER.test(name))
  // `list()` is a call of one's own, `list(x)` mostly is not.
  if (telling.length === 0)
    telling.push(
      ...[...code.matchAll(/\b([A-Za-z_$][\w$]{0,99})\s?!?\(\s*\)/g)]
        .map(([, name = '']) => name)
        .filter((name) => WRAPPER.test(name)),
    )
  const all = telling.length > 0 ? telling : (code.match(/\b[A-Za-z_$][\w$]{0,99}/g) ?? [])
  const named = all.filter((name) => !VOCABULARY.test(name))
  if (telling.length > 0) return new Set(named)
  const bare = named.filter((name) => !WRAPPER.test(name))
  return new Set(bare.length > 0 ? bare : named)
}

const WIDE_ERROR =
  /\b(?:Base)?Exception\b|\bThrowable\b|\bRuntimeException\b|\bStandardError\b|\bScriptError\b|\bError\b|\bSystem\.Exception\b/
const NAMED_ERROR =
  /\b(?:[A-Z]\w{0,99}(?:Error|Exception|Failure|Fault|Warning)|[A-Z]\w{0,99}::\w+|KeyboardInterrupt|SystemExit|StopIteration)\b/
const EXPECTS_ERROR =
  /\braises?\b|\b\w{0,20}[tT]hrows?\w{0,20}\b|\bexpectException\b|\braise_error\b|\bshould_panic\b|\bexpected\s*=/
const ALTERNATIVES = /\bor\b|\|\||\.or\b/g
const TOLERANCE =
  /\b(?:abs|rel(?=_|\b)|delta|atol|rtol|epsilon|tolerance|within|be_within|NEAR|InDelta|InEpsilon|in_delta|in_epsilon|isCloseTo|offset|max_?[dD]iff)\w*/
const DIGITS = /\b(?:toBeCloseTo|places|decimal|assertAlmostEqual|assert_almost_equal|closeTo)\b/
/** Each of several, and one of them. */
const ALL = /\ball\b\??|\bevery\b|\ballSatisfy\b|\ballMatch\b|\bAll\b/
const ANY = /\bany\b\??|\bsome\b|\banySatisfy\b|\banyMatch\b|\bAny\b/
const SOME = '#'
/** An argument that says how far a value may be off. */
const TOLERATES =
  /,\s*(?:rel|abs|rtol|atol|delta|places|epsilon|tolerance|precision|within|rel_tol|abs_tol)\s*[=:]\s*[\w.+-]{1,40}/
/** A pattern that every text fits. */
const ANY_TEXT =
  /\bmatch\s*=\s*r?["'](?:\^?\.[*+]\$?)?["']|\(\s*\/\^?\.[*+]\$?\/[a-z]{0,4}\s*\)|[(,]\s*["']\^?\.[*+]\$?["']\s*\)/
/** What is there if the value is not, and what keeps it within bounds. */
const OR_ELSE = /\s{0,5}(?:\|\||\?\?|\?:|\bor\b)\s*(?:""|-?\d[\d._]{0,20}|\w{1,40})(?=\s*\))/
const CLAMPED = /\b(?:Math\.)?(?:min|max|clamp)\(((?:[^(),]|\([^()]{0,100}\)){1,200}),[^()]{1,40}\)/
/** Calls that stand-ins were given: how often, and with what. */
const VERIFIES = /\b[vV]erify\w{0,20}\(/
const TIMES = /\b(?:times|exactly|atMost\w{0,8}|atLeast\w{0,8}|never|only)\b/g
const TIMES_ASKED = /\b(?:times|exactly)\b/
const ANY_TIMES = /\b(?:atMost|atLeast)\w{0,8}\b/
const ANY_ARGUMENT =
  /\bany(?:Int|String|Long|Boolean|List|Map|Set|Object|Double)?\(\)|\bIt\.IsAny<[^>]{0,60}>\(\)/g
const PATTERN = /\/(?:[^/\\\n]|\\.){1,200}\/[a-z]{0,4}(?=\s*\))/g
const OF_TYPES = /\b(?:expect|assert)(?:Type(?:Of)?|Assignable)\b/
/** Every value is of these types. */
const ANY_TYPE = /<(?:any|unknown)>|\bas (?:any|unknown)\b|\btoBe(?:Any|Unknown)\(/
/** Any of these values will do. */
const ONE_OF = /\b(?:anyOf|oneOf|isIn|toBeOneOf|isOneOf|be_one_of|isAnyOf)\s*\(/
const LITERAL = /"[^"]{1,200}"|'[^']{1,200}'|`[^`]{1,200}`|\b\d[\d.]*\b/g
/** Python: a value that gets a name where it is compared. */
const NAMED_VALUE = /\(\s*\w{1,40}\s*:=\s*((?:[^()]|\([^()]{0,200}\)){1,200})\)/
/** In any order. */
const SORTS =
  /\.(?:sort|toSorted|sorted|sort_by|sort!|sort_unstable|OrderBy|Order)\b|\bsorted\(|\b(?:slices|sort|Collections|Arrays)\.(?:Sort|sort|Sorted|Strings|Ints)\w*\(/
const SORT_CALLS =
  /\.(?:sort|toSorted|sorted|sort_by|sort!|sort_unstable|OrderBy|Order)(?:\((?:[^()]|\([^()]{0,100}\)){0,100}\)|(?=[\s.)]))/g
const SORTED = /\bsorted\(((?:[^()]|\([^()]{0,200}\)){1,200})\)/g
/** Brings a value into another form before it is compared. */
const NORMALIZES =
  /\.(?:replace|replaceAll|gsub|toLowerCase|toUpperCase|lower|upper|downcase|upcase|ToLower\w*|ToUpper\w*|lowercase|casefold|normalize|round|floor|ceil|trunc|toFixed)\b|\bre\.sub\(|\bround\(|\bMath\.(?:round|floor|trunc)\(|\bstrings\.(?:ToLower|ToUpper|ReplaceAll)\(/
const FORM_CALLS =
  /\.(?:replace|replaceAll|gsub|toLowerCase|toUpperCase|lower|upper|downcase|upcase|ToLower\w*|ToUpper\w*|lowercase|casefold|normalize|round|floor|ceil|trunc|toFixed|strip|trim)(?:\((?:[^()]|\([^()]{0,100}\)){0,100}\)|(?=[\s.)]))/g
const FORM_WRAPS =
  /\b(?:round|Math\.(?:round|floor|trunc)|strings\.(?:ToLower|ToUpper))\(((?:[^()]|\([^()]{0,200}\)){1,200}?)(?:,[^()]{1,40})?\)/g
/** Compares what is in two lists, in whichever order. */
const UNORDERED =
  /\bcontainsExactlyInAnyOrder\w{0,20}\b|\bElementsMatch\b|\bmatch_array\b|\bcontain_exactly\b|\bassert(?:CountEqual|ItemsEqual|EqualsCanonicalizing)\b|\b(?:toIncludeSameMembers|sameMembers|sameDeepMembers|haveSameElements|Equivalent|assertSameElements)\b|\bassert\s+(?:set|frozenset|Counter)\(/
const ORDER_WORDS =
  /\b(?:containsExactly(?:InAnyOrder)?\w{0,20}|ElementsMatch|Equal|match_array|contain_exactly|eq|eql|assert(?:CountEqual|ItemsEqual|EqualsCanonicalizing|Equals?|ListEqual|Same)|toIncludeSameMembers|sameMembers|sameDeepMembers|toEqual|toStrictEqual|deepEqual)\b/g
const AS_SET = /\b(?:set|frozenset|Counter)\(((?:[^()]|\([^()]{0,200}\)){1,200})\)/g
/** A snapshot that says of each part that it may be anything. */
const ANY_PARTS = /\btoMatch(?:Inline)?Snapshot\(\s*\{.{0,400}\bexpect\.anything\(/
const IN_SNAPSHOT = /\btoMatch(?:Inline)?Snapshot\(/
const PARTS =
  /(?<=\btoMatch(?:Inline)?Snapshot\()(?:[^()]|\((?:[^()]|\([^()]{0,100}\)){0,200}\)){0,400}(?=\))/
const SETTLES = /\.(?:resolves|rejects)\b/
const AWAITS = /\bawait\b/
const IS_WAITED_FOR = /\b(?:await|return)\b/
const NUMBER = /(?:\b\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?/gi

/** True if the second is the first, and accepts more: another error, one more alternative, a larger tolerance. */
export function acceptsMore(old: ReadAssertion, now: ReadAssertion): boolean {
  if (has(now, OR_ELSE) && swapped(now, OR_ELSE, '') === compact(old)) return true
  if (has(now, CLAMPED) && swapped(now, CLAMPED, '$1') === compact(old)) return true
  if (has(now, SORTS) && !has(old, SORTS) && unsorted(now) === compact(old)) return true
  if (has(now, UNORDERED) && !has(old, UNORDERED) && ordered(now) === ordered(old)) return true
  if (has(now, NORMALIZES) && !has(old, NORMALIZES) && unformed(now) === unformed(old)) return true
  if (has(now, ANY_PARTS) && has(old, IN_SNAPSHOT) && !has(old, ANY_PARTS))
    return swapped(now, PARTS, '') === swapped(old, PARTS, '')
  if (has(old, VERIFIES) && has(now, VERIFIES) && verifiesLess(old, now)) return true
  if (has(now, ANY_TEXT, 'statement') && !has(old, ANY_TEXT, 'statement') && fillsIn(now) === fillsIn(old))
    return true
  if (has(old, EXPECTS_ERROR) && has(now, EXPECTS_ERROR) && widensError(old, now)) return true
  if (has(old, SETTLES) && has(old, AWAITS) && !has(now, IS_WAITED_FOR))
    return swapped(old, AWAITS, '') === compact(now)
  if (has(old, OF_TYPES) && has(now, OF_TYPES) && has(now, ANY_TYPE) && !has(old, ANY_TYPE)) return true
  if (has(old, ALL) && has(now, ANY) && swapped(old, ALL, SOME) === swapped(now, ANY, SOME)) return true
  if (has(now, TOLERATES) && swapped(now, TOLERATES, '') === compact(old)) return true
  if (alternatives(now) > alternatives(old) && startsWith(now, old)) return true
  if (has(now, ONE_OF) && !has(old, ONE_OF) && isAmong(old, now)) return true
  return widensTolerance(old, now)
}

function unsorted(one: ReadAssertion): string {
  return one.fact('unsorted', () => squeezedCode(one.code.replace(SORT_CALLS, '').replace(SORTED, '$1')))
}

/** Without the order of its values, and how many there are of each. */
function ordered(one: ReadAssertion): string {
  return one.fact('ordered', () =>
    squeezedCode(one.code.replace(AS_SET, '$1').replace(ORDER_WORDS, 'same'))
      .replace(/[[\]{}]/g, '')
      .replace(/(?:"",?){2,}|(?:\d+,?){2,}/g, '""'),
  )
}

/** Without what brings values into another form, and without the values. */
function unformed(one: ReadAssertion): string {
  return one.fact('unformed', () =>
    squeezedCode(one.code.replace(FORM_CALLS, '').replace(FORM_WRAPS, '$1').replace(NUMBER, '0')),
  )
}

function compact(one: ReadAssertion): string {
  return one.fact('compact', () => squeezedCode(one.code))
}

/** The code with something else in the place of what a pattern finds. */
function swapped(one: ReadAssertion, pattern: RegExp, other: string): string {
  return one.fact(`${other} for ${pattern.source}`, () => squeezedCode(one.code.replace(pattern, other)))
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

function widensError(old: ReadAssertion, now: ReadAssertion): boolean {
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

/** What one asks for is one of several that the other asks for. */
function isAmong(old: ReadAssertion, now: ReadAssertion): boolean {
  const values = (one: ReadAssertion) =>
    one.fact('literals', () => new Set(one.statement.match(LITERAL) ?? []))
  return values(old).size > 0 && values(old).size < values(now).size && values(old).isSubsetOf(values(now))
}

function countOf(one: ReadAssertion, pattern: RegExp): number {
  return one.fact(`count ${pattern.source}`, () => one.code.match(pattern)?.length ?? 0)
}

/** The same up to where its last brackets close. */
function startsWith(now: ReadAssertion, old: ReadAssertion): boolean {
  return swapped(now, NAMED_VALUE, '$1').startsWith(
    old.fact('start', () => compact(old).replace(/[);]+$/, '')),
  )
}

/** True if both differ in numbers alone, and the second is near to more values. */
export function widensTolerance(old: ReadAssertion, now: ReadAssertion): boolean {
  const counts = has(old, DIGITS)
  if (!counts && !has(old, TOLERANCE)) return false
  if (swapped(old, NUMBER, '0') !== swapped(now, NUMBER, '0')) return false
  const [was, is] = [old, now].map(({ code }) => (code.match(NUMBER) ?? []).map(Number))
  const last = (was?.length ?? 0) - 1
  const [one = 0, other = 0] = [was?.[last], is?.[last]]
  return counts ? other < one : other > one
}
