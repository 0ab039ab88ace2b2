/** Patterns of the test frameworks of a language; each applies to one line. */
export interface TestMarks {
  /** The first line of a test. */
  readonly test: RegExp
  /** Skips a test, runs only some tests, or expects a test to fail. */
  readonly skip: RegExp
  /** An assertion. */
  readonly assertion: RegExp
}

const JAVASCRIPT: TestMarks = {
  test: /^\s*(?:(?:it|test|specify)(?:\.(?!(?:before|after|describe|use\b|step\b|extend\b|setTimeout|slow\b|configure|info\b|expect\b|mock\b|suite\b))\w+)*\s*[(`]|Deno\.test(?:\.\w+)*\s*\()/,
  skip: /\b(?:it|test|describe|context|suite|specify)(?:\.\w+){0,4}\.(?:skip|only|todo|fixme|fails|failing|skipIf|runIf|ignore)\b|\b(?:xit|xtest|xspecify|xdescribe|xcontext|fit|fdescribe|fcontext)\s*\(|\b(?:t|this|ctx)\.skip\(|^\s*pending\(|^\s*(?:(?:it|test|describe|suite|context|specify|Deno\.test)\b.{0,300}[{,]\s*)?(?:skip|ignore|todo|only)\s*:\s*(?:true\b|['"`]|!|process\b|Deno\b|Boolean\b)/,
  assertion:
    /\b(?:expect|(?:expect|assert)(?:Type(?:Of)?|Assignable)(?:<.{0,200}>)?|(?<!console\.)assert(?:\.\w+)*|t\.(?:is|not|like|truthy|falsy|true|false|throws\w*|notThrows\w*|deepEqual|notDeepEqual|equal|regex|notRegex|snapshot))\s*\(|\.should\b/,
}
const PYTHON: TestMarks = {
  test: /^\s*(?:async\s+)?def\s+test\w*\s*\(/,
  skip: /@(?:pytest\.mark\.|unittest\.)?(?:skip|skipif|skipIf|skipUnless|xfail|expectedFailure)\b|\bpytest\.mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip)\(|\bself\.skipTest\(|\bSkipTest\b|^\s*collect_ignore(?:_glob)?\b|\b__test__\s*=\s*False\b|^\s*del\s+[tT]est|\bpytestmark\b.{0,200}\bpytest\.mark\.(?:slow|manual|disabled|broken|quarantined?|wip|nightly)|@pytest\.mark\.(?:slow|manual|disabled|broken|quarantined?|wip|nightly)\b/,
  assertion:
    /^\s*(?:assert\b|self\.assert\w+\(|with\s+(?:pytest\.raises|self\.assertRaises)|(?:[\w.]{1,100}\.)?assert_(?:called|any_call|has_calls|awaited|not_called|allclose|almost_equal|array\w{0,20}_equal\w{0,20}|equal|frame_equal|series_equal|index_equal|close)\w*\()/,
}
const GO: TestMarks = {
  test: /^func\s+(?:\([^)]*\)\s*)?(?:Test|Fuzz|Example)\w*\s*\(/,
  skip: /\b(?:t|tb|b|f)\.Skip(?:f|Now)?\(|^\/\/(?:go:build|\s*\+build)\s+(?:ignore|never)\b/,
  assertion: /\b(?:t|tb)\.(?:Error|Fatal|Fail)\w*\(|\b(?:assert|require)\.\w+\(/,
}
const RUST: TestMarks = {
  test: /#\[(?:\w+::)*(?:test|rstest|test_case)\b/,
  skip: /#\[(?:cfg_attr\(.{0,99})?ignore\b|#\[should_panic\b/,
  assertion: /\bassert(?:_\w+)?!\s*[({[]|#\[should_panic\b/,
}
const JVM: TestMarks = {
  test: /@(?:Parameterized|Repeated)?Test\b|^\s*(?:test|it)\s*\(\s*"|"\s+(?:in|ignore)\s*\{\s*$/,
  skip: /@(?:Disabled\w*|Ignore|Enabled(?:If|On|For)\w*)\b|\bassum(?:e|ing)(?:True|False|That|Not\w{0,20})?\(|@Test\s*\(.{0,99}\b(?:enabled\s*=\s*false\b|expected\s*=\s*(?:\w{1,40}\.){0,5}(?:Assert\w{0,40}Error|AssertionFailedError|Throwable|Error)\b)|^\s*ignore\s*\(|"\s+ignore\s*\{\s*$|^\s*(?:\w{2,12}\(\s*)?"!|^\s*x(?:test|it|describe|context)\(|(?:^|\))\s*cancel\(\s*"|"\.config\(.{0,100}\benabled(?:If|OrReasonIf)?\s*=/,
  assertion:
    /\bassert\w*\s*[({<]|\bAssert\w*\.\w+\(|\bverify\s*\(|\bawait\(\)(?:(?!await\(\)).){0,200}\.until|\bshould(?:Be|NotBe|Throw|NotThrow|Contain|Match|Have\w{1,20}|Equal)\w{0,20}(?:\s+[^\s({]|<)/,
}
const CSHARP: TestMarks = {
  test: /\[(?:Fact|Theory|Test|TestCase(?:Source)?|TestMethod|DataTestMethod)\b/,
  skip: /\[(?:Fact|Theory)\s*\(.{0,99}\bSkip\s*=|\[(?:\w{1,40}(?:\([^()]{0,200}\))?,\s*){0,4}(?:Ignore|Explicit)\b|\bAssert\.(?:Ignore|Inconclusive|Pass)\(/,
  assertion: /\bAssert\.\w+|\.Should\(\)/,
}
const RUBY: TestMarks = {
  test: /^\s*(?:it|specify|test|should)\s*\(?\s*['"]|^\s*def\s+test_/,
  skip: /^\s*(?:xit|xspecify|xdescribe|xcontext|fit|fdescribe|fcontext|skip|pending)\b|\b(?:it|specify|describe|context|test|scenario|feature|example|let_it_be)\b.{0,300},\s*(?::(?:skip|pending|focus)\b|(?:skip|pending|focus):\s*(?:true|['"]))|^\s*(?::(?:skip|pending|focus)\b|(?:skip|pending|focus):\s*(?:true|['"])).{0,200}\bdo\s*$|^\s*(?:it|specify|describe|context|test|scenario|feature|example)\b.{0,300},\s*(?:if|unless):\s/,
  assertion:
    /\bexpect\b|^\s*(?:assert|refute|it_behaves_like|it_should_behave_like|include_examples)\w*\b|\.(?:must|wont)_\w+|\.should(?:_not)?\b/,
}
const PHP: TestMarks = {
  test: /\bfunction\s+test\w*\s*\(|#\[Test\b|^\s*(?:it|test)\s*\(/,
  skip: /\bmarkTest(?:Skipped|Incomplete)\(|->(?:skip(?:OnCI|OnLinux|Locally)?|todo|only)\(|@requires\s(?!PHP\s*(?:>=?)?\s*(?:5|7|8\.[0-2])\b)|#\[Requires\w{1,40}\b/,
  assertion: /(?:->|::)(?:assert\w+|expectException\w*)\(|\bexpect\s*\(/,
}
const ELIXIR: TestMarks = {
  test: /^\s*(?:test|property)\s+"|^\s*doctest\s+\w/,
  skip: /^\s*@(?:module|describe)?tag\s+:?skip\b/,
  assertion: /^\s*(?:assert|refute)\w*\b/,
}
const SWIFT: TestMarks = {
  test: /\bfunc\s+test\w*\s*\(|@Test\b/,
  skip: /\bXCTSkip|@Test\s*\(.{0,99}\.(?:disabled\b|enabled\()|\bXCTExpectFailure\b|\bwithKnownIssue\b/,
  assertion: /\bXCTAssert\w*\(|#(?:expect|require)\(/,
}
const DART: TestMarks = {
  test: /^\s*test(?:Widgets)?\s*\(/,
  skip: /\bskip:\s*(?:true\b|['"])/,
  assertion: /\bexpect\w*\s*\(/,
}
const BATS: TestMarks = { test: /^@test\b/, skip: /^\s*skip\b/, assertion: /^\s*(?:\[\[?|assert\w*)\s/ }
const CPP: TestMarks = {
  test: /^\s*(?:(?:TYPED_)?TEST(?:_[FP]|_CASE(?:_METHOD|_FIXTURE)?)?|SCENARIO|BOOST_(?:AUTO|FIXTURE|DATA)_TEST_CASE)\s*\(|^\s*(?:static\s+)?(?:void|int)\s+test\w*\s*\(/,
  skip: /\bGTEST_SKIP\(|\bGTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST\b|\bCHECK_NOFAIL\s*\(|\bDISABLED_\w|\[(?:!?hide|\.[\w-]{0,40}|!mayfail|!shouldfail)\]|^\s*SKIP\(|\bboost::unit_test::disabled\b|\bdoctest::(?:skip|may_fail)\b/,
  assertion:
    /\b(?:EXPECT|ASSERT)_\w+\s*\(|\b(?:REQUIRE|CHECK)(?:_\w+)?\s*\(|\bBOOST_(?:CHECK|REQUIRE|TEST)\w*\s*\(|\bassert\s*\(/,
}

const JULIA: TestMarks = {
  test: /^\s*@testset\b/,
  skip: /@test_(?:broken|skip)\b|@test\b.{1,300}\b(?:skip|broken)\s*=\s*true\b/,
  assertion: /@test(?:_throws|_logs|_warn|_nowarn)?\b/,
}
const HASKELL: TestMarks = {
  test: /^\s*(?:,\s*)?(?:it|prop|specify|testCase|testProperty)\s+"/,
  skip: /\b(?:x(?:it|describe|specify|prop|context)|f(?:it|describe|specify|prop)|pending(?:With)?|ignoreTest\w{0,10}|expectFail\w{0,10})\b/,
  assertion: /\bshould[A-Z]\w{0,30}\b|@\?=|@=\?|@\?|\bassert\w{0,20}\b/,
}
const PERL: TestMarks = {
  test: /^\s*subtest\s/,
  skip: /^\s*(?:TO[D]O|SKIP):\s*\{|\bskip_all\b|\$TO[D]O\s*=|\btodo_skip\b/,
  assertion:
    /^\s*(?:ok|is|isnt|like|unlike|is_deeply|cmp_ok|isa_ok|can_ok|throws_ok|lives_ok|dies_ok)\b\s*\(?/,
}
const GHERKIN: TestMarks = {
  test: /^\s*(?:Scenario|Scenario Outline|Scenario Template|Example)\s*:/,
  skip: /^\s*@(?:wip|skip\w{0,20}|ignore\w{0,20}|pending|todo|manual|disabled|broken|flaky|quarantined?)\b/i,
  assertion: /^\s*Then\s/,
}
const ROBOT: TestMarks = {
  // Tests and keywords look alike.
  test: /(?!)/,
  skip: /\brobot:skip\b|\bRun Keyword And (?:Ignore Error|Return Status|Warn On Failure|Continue On Failure)\b|^\s+Skip(?: If)?\b/,
  assertion: /\bShould\s/,
}

const ZIG: TestMarks = {
  test: /^\s*test\b.{0,200}\{\s*$/,
  skip: /\berror\.SkipZigTest\b/,
  assertion: /\b(?:testing\.|try\s+)expect\w{0,30}\(/,
}
const R: TestMarks = { test: /\btest_that\(/, skip: /^\s*skip\(/, assertion: /\bexpect_\w+\(/ }
const LUA: TestMarks = {
  test: /^\s*it\s*\(/,
  skip: /^\s*pending\s*\(/,
  assertion: /\bassert[.:(\s]/,
}
const CLOJURE: TestMarks = {
  test: /^\s*\(deftest\b/,
  skip: /\^(?:\{)?:(?:kaocha\/)?(?:skip|pending)\b/,
  assertion: /\((?:is|are)\s/,
}
const ERLANG: TestMarks = {
  test: /^\w{1,100}_test_?\(\s*\)\s*->/,
  skip: /\{skip,/,
  assertion: /\?assert\w*\(/,
}

const BY_ENDING: Readonly<Record<string, TestMarks>> = {
  ...spread(JAVASCRIPT, 'js jsx ts tsx mjs cjs mts cts vue svelte'),
  ...spread(PYTHON, 'py'),
  ...spread(GO, 'go'),
  ...spread(RUST, 'rs'),
  ...spread(JVM, 'java kt kts scala groovy'),
  ...spread(CSHARP, 'cs fs vb'),
  ...spread(RUBY, 'rb'),
  ...spread(PHP, 'php'),
  ...spread(ELIXIR, 'ex exs'),
  ...spread(SWIFT, 'swift'),
  ...spread(DART, 'dart'),
  ...spread(BATS, 'bats'),
  ...spread(ZIG, 'zig'),
  ...spread(R, 'r'),
  ...spread(LUA, 'lua'),
  ...spread(CLOJURE, 'clj cljs cljc'),
  ...spread(ERLANG, 'erl'),
  ...spread(JULIA, 'jl'),
  ...spread(HASKELL, 'hs'),
  ...spread(PERL, 't'),
  ...spread(GHERKIN, 'feature'),
  ...spread(ROBOT, 'robot'),
  ...spread(CPP, 'cpp cc cxx c h hpp hh'),
}

function spread(marks: TestMarks, endings: string): Record<string, TestMarks> {
  return Object.fromEntries(endings.split(' ').map((ending) => [ending, marks]))
}

/** The patterns for a file, by the extension of its name; undefined for an unknown language. */
export function testMarks(path: string): TestMarks | undefined {
  return BY_ENDING[path.slice(path.lastIndexOf('.') + 1).toLowerCase()]
}

/** True for languages that keep tests in the same files as the tested code. */
export function mayHoldTests(path: string): boolean {
  return /\.(?:rs|zig)$/.test(path)
}
