import { withoutTexts } from './read-assertion.ts'

/** How much an assertion asks for: 3 is one value, 2 is a part of a value or something near it, 1 is satisfied by many values. */
type Strength = 1 | 2 | 3

/** Says what a result is not, or that it is greater or less than a value. */
const NEGATED =
  /\bnot\b|\.(?:not|isNot\w*|doesNot\w*|to_not|not_to|Not\w*)\b|\b(?:assert|refute|expect)_?\w{0,20}(?:Not|not_|refute|_ne\b|_NE\b)\w*|\brefute\w*|\bwont_\w+|\b(?:NotEqual|notEqual|notDeepEqual|notStrictEqual|NotNil|NotEmpty|NotNull|notOk|notNullValue|assertFalse|EXPECT_FALSE|ASSERT_FALSE|EXPECT_NE|ASSERT_NE)\w*|!==?|\b(?:Greater|Less|(?:is|assert|toBe|be)?_?(?:Greater|Less|AtLeast|AtMost)|greater|less)\w*/
const ONE_VALUE =
  /\bto(?:Be|Equal|StrictEqual|HaveBeen\w*CalledWith|HaveBeenCalled\w*With|HaveBeenCalledOnce|HaveBeenCalledTimes|HaveLength|HaveCount|HaveText|HaveReturnedWith|MatchInlineSnapshot)\(|\b\w{0,20}(?:equal|Equal|Equals)(?:To|s|_to)?\w{0,10}!?\s*[(< ]|\b(?:assertSame|isSameAs|isSameInstanceAs|assertIs|assertIsNone|isNull|toBeNull|toBeUndefined|isEqualTo\w*|hasSize|containsExactly\w*|AreEqual|AreSame|Same|Len|JSONEq|EqualError|ElementsMatch|assert_nil|assert_called_once|assert_called\w*_with|assert_awaited\w*_with|assert_has_calls|equalTo|NoError|NotPanics|Empty|Zero|Nil|assertDoesNotThrow|assert_nothing_raised|be_nil|be_empty|isEmpty|shouldBe)\b|\bassert(?:_matches)?_eq!|\b(?:EXPECT|ASSERT)_(?:EQ|STREQ|STRCASEEQ|FLOAT_EQ|DOUBLE_EQ|THAT)\b|\b(?:eq|eql|eqv|equal|match_array|contain_exactly)\b[ (]|\bmust_equal\b|\bassert\s+\^\w+\s=\s|[^=!<>]===?[^=]|\bis (?!not\b)|\.is\(|,\s*is\(|\.Be\(|\.(?:by|from)\(/
const A_PART =
  /\bto(?:MatchObject|Contain\w*|Match\w*|HaveProperty|Throw\w*|BeCloseTo|ThrowError\w*)\((?!\s*\))|\b(?:assertIn|assertRegex\w*|assertAlmostEqual|assert_in_delta|assert_in_epsilon|assert_match|assert_includes|assert_matches!|assertStringContains\w*|assertContains|assertCount|InDelta|EXPECT_THROW|ASSERT_THROW|InRange|IsInRange|toBeWithin|be_between|isBetween|assertBetween|coerceIn|Contains|ErrorIs|ErrorContains|ErrorAs|Regexp|Subset|contains\w*|startsWith|endsWith|hasMessage\w*|isCloseTo|EXPECT_NEAR|ASSERT_NEAR|include|match|start_with|end_with|be_within|startswith|endswith|approx)\b|\bin\b|\bis not None and\b/
/** Accepts values near the expected one. */
const NEARLY = /\bassertEqualsWithDelta\(|\bassertEqualsIgnoring\w{1,20}\(/
/** Reduces a value to true or false, or asks only for its type. */
const ANY_TRUTH =
  /\bor\s+\w{1,40}\s+is\s+None\b|\bin\s+-?\w{1,40}\s*(?:\.\.|until\b)|(?:&&|\band)\s*(?:true|True)\b|[(!]!\s?[\w(]|\b(?:Array\.isArray|Number\.is\w{1,20})\(|\bBoolean\(|\bassert\s+is_(?:integer|binary|map|list|atom|boolean|float|number|tuple|function|pid|bitstring)\(|\bassert\s+(?:not\s+)?type\(|\bexpect\(\s*typeof\b|\bassert\w*[.\w]*\(\s*typeof\b/
/** Compares only the number of values, which says little about them. */
const A_SIZE =
  /\.(?:length|size|count|Count|Length|len)(?:\(\))?\s*[,)=!]|\blen\(|\bcount\(|\btoHaveLength\(|\btoHaveCount\(|\bhasSize\(|\.Len\(|\bassertCount\(|\.(?:shape|dtype|ndim)\s*[,)=!]/
/** Matchers that accept other values in the place of an expected one. */
const ANY_VALUE =
  /\bexpect\.(?:anything|any|objectContaining|arrayContaining|stringContaining|stringMatching|closeTo)\(|\bmock\.ANY\b|\bANY\b|\bsinon\.match\b|\b(?:hash_including|array_including|anything|be_a|be_an|instance_of|kind_of|an_instance_of)\b|\bmock\.Anything\b|\bany\(\)|\bpytest\.approx\b/

/** Rates an assertion. @param statement the whole assertion, joined to one line. */
export function strengthOf(statement: string): Strength {
  const code = withoutTexts(statement)
  // `assert not x` accepts only empty values, and there are few of them.
  if (/^\s*assert\s+not\s+[\w.]{1,100}\s*$/.test(code)) return 3
  if (NEGATED.test(code) || ANY_TRUTH.test(code)) return 1
  if (NEARLY.test(code)) return 2
  if (ONE_VALUE.test(code) && A_SIZE.test(code)) return 2
  if (ONE_VALUE.test(code)) return ANY_VALUE.test(code) ? 2 : 3
  return A_PART.test(code) ? 2 : 1
}

/** Names that say how a statement asserts, not what it is about. */
const VOCABULARY =
  /^(?:to[A-Z]\w*|to|not|be|expect\w*|assert\w*|ASSERT_\w+|EXPECT_\w+|Assert\w*|self|this|await|async|return|is|isA|are|in|and|or|if|t|tt|tb|require|must_\w+|wont_\w+|should\w*|eq|eql|eqv|equal\w*|Equal\w*|deepEqual|strictEqual|deepStrictEqual|Not[A-Z]\w*|Contains\w*|ElementsMatch|Regexp|Len|Be\w*|Should|notNullValue|nullValue|equalTo|change|by|from|raise_error|respond_to\w*|Nil|NoError|IsType|Throws\w*|Error\w*|Greater\w*|Less\w*|NotEmpty|Empty|True|False|true|false|null|None|nil|undefined|new|lambda|instanceof|typeof|any|anything|objectContaining|arrayContaining|stringContaining|resolves|rejects|is_ok|is_err|is_some|is_none|Ok|Err|Some|refute\w*|be_\w+|be|ok|notOk|match\w*|include\w*|pytest|approx|raises|abs|rel|isEqualTo|is[A-Z]\w*|hasSize|contains\w*|That|with|CHECK\w*|REQUIRE\w*|unwrap|BOOST_\w+|verify|InRange|IsInRange|isBetween|be_between|assertBetween|XCTAssert\w*|not_to|to_not|truthy|falsy|greater|less|than|at|least)$/

/** Functions and properties that wrap the subject of an assertion. */
const WRAPPER =
  /^(?:isinstance|int|str|float|bool|dict|list|set|tuple|len|sorted|is_(?:integer|binary|map|list|atom|boolean|float|number|tuple|function|pid|bitstring)|anyOf|oneOf|isIn|type|String|Number|Boolean|Array|Object|length|size|count|Length|Count)$/

/** The subjects of an assertion: the names that it calls, or that it mentions if it calls none. */
export function subjectsOf(statement: string): ReadonlySet<string> {
  const code = withoutTexts(statement).slice(0, 2000)
  const called = [...code.matchAll(/\b([A-Za-z_$][\w$]{0,99})\s?!?\(/g)].map(([, name = '']) => name)
  const telling = called.filter((name) => !VOCABULARY.test(name) && !WRAPPER.test(name))
  // `list()` usually calls a function of the project, `list(x)` the built-in one.
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
