import type { GuardFinding, ReadFile } from '../change/guarded-change.ts'

/** Matches hooks of test runners that can change results. */
const HOOKS =
  /\bconfig\.option\.(?:keyword|markexpr|deselect|ignore\w{0,10}|maxfail|lf|last_?failed|collectonly|file_or_dir|reruns)\s*=(?!=)|\bdef\s+self\.runnable_methods\b|\bfunction\s+run(?:Test|Bare)\(|^\s*(?:assert|require)\s*:=\s*&?\w{1,40}\{|\bdef\s+pytest_(?:collection_modifyitems|ignore_collect|runtest_makereport|runtest_protocol|runtest_call|pyfunc_call|pycollect_\w{1,20}|sessionfinish|report_teststatus|terminal_summary|unconfigure|collect_file|itemcollected|deselected)\b|\bdef\s+(?:run\(self,\s*result\b|_callTestMethod\b|defaultTestResult\b)|^\s*collect_ignore(?:_glob)?\b|\bload_tests\b|\bsession\.exitstatus\s*=|\brep(?:ort)?\.outcome\s*=|\b(?:task\.result|currentTest)(?:[!?]?\.(?:state|errors|err))?\s*=(?!=)|^\s*t\s*:?=\s*(?:&testing\.T\{|new\(testing\.T\))|\b(?:assert|require)\.\w{1,40}\(\s*(?:&testing\.T\{|new\(testing\.T\))|\bexample\.(?:exception\s*=|instance_variable_set\()|\b(?:assert|require)\.\w{1,40}\(\s*&?\w{1,40}\{\s*(?:\w{1,20}:\s*)?tb?\b/
/** Matches those of pytest's that decide about results, wherever a new plugin is. */
const PYTEST_HOOKS =
  /^\s*def\s+pytest_(?:collection_modifyitems|runtest_makereport|runtest_protocol|runtest_call|pyfunc_call|sessionfinish|report_teststatus)\(/
/** Matches code that replaces assertion functions or parts of the runner. */
const PATCHES =
  /\bpatch\.object\(\s*(?:unittest\.)?TestCase\b|\bafter_run\b.{0,80}\bexit\b|\bfailure_exit_code\s*=\s*0\b|\bexpect\.addEqualityTesters\(|\.on\(\s*['"]uncaught:exception['"]\s*,\s*(?:\([^()]{0,60}\)|\w{1,20})\s*=>\s*(?:false\b|\{\s*(?:return false;?\s*)?\})|\bprocess\.on\(\s*['"](?:uncaughtException|unhandledRejection)['"]\s*,\s*(?:\(\w{0,20}\)|\w{1,20})\s*=>\s*\{\s*\}|\bexpect\.assertions\(\s*0\s*\)|\b(?:TestCase|TestResult|TestRunner|AssertionError)\.\w{1,60}\s*=(?!=)|^\s*(?:pytest|builtins|unittest|_pytest)\.\w[\w.]{0,60}\s*=(?!=)|\bsetattr\(\s*(?:pytest|unittest)\b|\bsetattr\(\s*builtins\b(?!\s*,\s*["'](?:print|open|input|exit|quit|help|__import__)["'])|\b(?:global|globalThis|window)\.(?:it|test|describe|beforeEach)\s*=(?!=)|\b(?:global|globalThis|window)\.(?:expect|assert)\s*=(?!=)(?!\s*(?:chai|require|expect|assert|vi|jest|vitest|await import)\b)|\bObject\.defineProperty\(\s*(?:expect|assert|(?:global|globalThis)\s*,\s*['"](?:expect|assert|it|test))\b|\b(?:jest|vi)\.(?:mock|doMock|stubGlobal)\(\s*['"](?:node:assert|assert|chai|expect|vitest|@jest\/globals|node:test|@vitest\/[\w-]{1,30})['"]|^\s*(?:module|class)\s+(?:Minitest|RSpec|Test::Unit)\b|\b(?:Minitest|RSpec)\S{0,60}\.prepend\b|\bat_exit\b.{0,80}\bexit\b/
/** Matches the same for names that are global objects in JavaScript and ordinary variables elsewhere. */
const PATCHES_GLOBALS =
  /^\s*(?:assert|expect|chai\.\w{1,20}|it|test|describe)\.\w{1,60}\s*=(?!=)|^\s*(?:Object\.is|JSON\.stringify|(?:Array|Object|Number|String|Map|Set)\.prototype\.\w{1,40})\s*=(?!=)/
/** Matches an assignment that replaces a function of a module for all tests. */
const PATCHES_MODULE =
  /^\s*class_alias\((?!.{0,200}PHPUnit)|^[A-Za-z_]\w{0,40}(?:\.\w{1,60}){1,5}\s*=\s*lambda\b/
/** Matches code that replaces how tests are called, or that switches off the verification of stand-ins. */
const PATCHES_ITEM =
  /\bitem\.(?:obj|runtest)\s*=(?!=)|\bverify_partial_doubles\s*=\s*false|\berror_reporting\(\s*0\s*\)|\bset_error_handler\(\s*(?:static\s+)?(?:fn|function)\b.{0,60}\btrue\b/
/** Matches filters that leave tests out, in files that all tests load. */
const FILTERS =
  /\bExUnit\.(?:start|configure)\(.{0,100}\bexclude:|\bfilter_run_excluding\b|\bfilter_run\s+(?!:focus|focus:)\S|\bexclusion_filter\b/
/** Matches a definition of the project that has the name of an assertion. */
const SHADOWS_ASSERTION =
  /^\s*macro_rules!\s*(?:debug_)?assert(?:_eq|_ne)?\b|^\s*#\s*define\s+(?:EXPECT|ASSERT)_(?:EQ|NE|TRUE|FALSE|[LG][TE]|STREQ|THAT|NEAR|THROW)\b|\bfunc\s+XCTAssert\w{0,40}\s*[(<]|\bdef\s+assert(?:Equals?|True|False|Raises|In|Is|DictEqual|ListEqual)\(self\b/
/** JUnit: matches extensions that decide whether a test runs or what its failures are. */
const JUNIT_HOOKS =
  /\b(?:implements|:)\s(?:(?!:\s|implements\s).){0,200}\b(?:TestExecutionExceptionHandler|LifecycleMethodExecutionExceptionHandler|InvocationInterceptor)\b/
/** RSpec: matches a hook that decides whether a test runs. */
const AROUND = /^\s*(?:\w{1,40}\.)?around\b.{0,100}\bdo\s*\|/
const RUNS_IT = /\.(?:run|call|to_proc)\b|\byield\b/
/** Matches the computed result of a custom matcher. */
const DECIDES_PASS = /\bpass\s*:\s*(?!true\b|false\b)\S/
const ALWAYS_PASSES = /\bpass\s*:\s*true\b/
/** Matches a comparison that is always true. */
const OR_TRUE = /[^=!<>][=!]==?[^=].{0,200}(?:\|\|\s*true|\bor\s+True)\b\s*[;)]?\s*$/
/** Matches the definition of a matcher that `expect` already has. */
const BUILT_IN =
  /^\s*(?:async\s+)?(?:toBe|toEqual|toStrictEqual|toMatch(?:Object|Snapshot)?|toContain(?:Equal)?|toThrow(?:Error)?|toHaveLength|toHaveBeenCalled\w*|toBeTruthy|toBeDefined|toBeNull|toBeCloseTo)\s*(?:\(.{0,200}\)\s*\{|:)/
const STUBS_MODULE = /\bsys\.modules\[[^\]]{1,80}\]\s*=(?!=)/
/** Matches set-up files and other files that runners load before tests. */
const SETUP =
  /(?:^|\/)(?:conftest\.py|cypress\/support\/[\w./-]+|[\w.-]*(?:setup|bootstrap|helper|global)[\w.-]*\.\w+)$|\.config\.[cm]?[jt]s$/i

/** True for files that runners load before tests. */
export function isSetup(path: string): boolean {
  return SETUP.test(path)
}

/** Reports edits by which test code changes how tests run or what their results are. */
export function riggedRunner(read: ReadFile): readonly GuardFinding[] {
  const { file, isTest, added, removed } = read
  if (file.status === 'deleted') return []
  const path = `\`${file.path}\``
  const kept = new Set(removed.map((line) => line.trim()))
  const fresh = added.filter((line) => !kept.has(line.trim()))
  const has = (pattern: RegExp) => fresh.some((line) => pattern.test(line))
  const bringsHook = file.status === 'added' && /\.py$/.test(file.path) && has(PYTEST_HOOKS)
  if (!isTest && !isSetup(file.path) && !bringsHook) return []
  const isLoaded = isSetup(file.path)
  const hooks =
    bringsHook || ((isTest || /(?:^|\/)conftest\.py$/.test(file.path)) && (has(HOOKS) || has(JUNIT_HOOKS)))
  const patches =
    has(PATCHES) ||
    (/\.[cm]?[jt]sx?$/.test(file.path) && has(PATCHES_GLOBALS)) ||
    (isLoaded && [FILTERS, STUBS_MODULE, PATCHES_MODULE, PATCHES_ITEM].some(has))
  const isExtended = read.hunks.some((lines) => lines.some(({ text }) => /\bexpect\.extend\(/.test(text)))
  const hadMatcher = removed.some((line) => DECIDES_PASS.test(line))
  const redefines =
    (isExtended && (has(BUILT_IN) || (hadMatcher && has(ALWAYS_PASSES)))) ||
    (file.status !== 'added' && (has(SHADOWS_ASSERTION) || has(OR_TRUE)))
  const withholds = has(AROUND) && !added.some((line) => RUNS_IT.test(line)) && !handsOn(added)
  const runsNone =
    /_test\.go$/.test(file.path) &&
    has(/^func\s+TestMain\s*\(/) &&
    !added.some((line) => /\.Run\(\)/.test(line))
  return hooks || patches || redefines || runsNone || withholds || changesAnswer(read)
    ? [{ text: `${path} steps in between the tests and their results`, weight: 'reason' }]
    : []
}

/** True if the hook passes the test to an existing function. */
function handsOn(added: readonly string[]): boolean {
  const test = /\baround\b.{0,100}\|\s*(\w{1,40})/.exec(added.find((line) => AROUND.test(line)) ?? '')?.[1]
  if (test === undefined) return false
  const calls = new RegExp(`^\\s*(\\w{1,60})[( ].{0,100}&?\\b${test}\\b`)
  return added.some((line) => {
    const name = AROUND.test(line) ? undefined : calls.exec(line)?.[1]
    return (
      name !== undefined && !added.some((one) => new RegExp(`\\bdef\\s+(?:self\\.)?${name}\\b`).test(one))
    )
  })
}

/** Matches a program that exits with the result of the test runner. */
const HANDS_OUT =
  /\b(?:return|exit\(|Exit\(|exitCode\s*=)\s*\(?\s*(?:RUN_ALL_TESTS\(\)|\w{1,40}\.Run\(\)|pytest\.main\(|\w{1,40}\.run\()/
const RUNS =
  /\b(\w{1,40})\s*:?=\s*(?:await\s+)?(?:RUN_ALL_TESTS\(\)|\w{1,40}\.Run\(\)|pytest\.main\(|\w{1,40}\.run\()/

/** True if a program that exited with the result of the tests now computes another exit code. */
function changesAnswer({ added, removed }: ReadFile): boolean {
  if (!removed.some((line) => HANDS_OUT.test(line)) || added.some((line) => HANDS_OUT.test(line)))
    return false
  return added.some((line) => {
    const name = RUNS.exec(line)?.[1]
    if (name === undefined) return false
    const ends = new RegExp(
      `\\b(?:return|exit\\(|Exit\\(|exitCode\\s*=)\\s*\\(?\\s*${name}\\s*(?:\\)|;|$|!=\\s*0|\\?\\s*1\\s*:\\s*0)`,
    )
    return !added.some((one) => ends.test(one))
  })
}
