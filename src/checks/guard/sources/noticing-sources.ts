import type { GuardedLine, GuardFinding, ReadFile } from '../change/guarded-change.ts'
import { isSetup } from '../settings/rigged-runner.ts'

/** Matches code that asks whether tests are running, so that tests say nothing about other runs. */
const ASKS_FOR_TESTS =
  /\b(?:hasattr|getattr)\([^,()]{1,60},\s*["']assert_called\w{0,20}["']|\bisinstance\([^()]{1,80}\bM(?:agicM)?ock\b|\b_isMockFunction\b|\bisMockFunction\(|\bmockingDetails\(|\binstanceof\s+\\?(?:Mockery\\|PHPUnit\\)?\w{0,20}MockObject\b|\b(?:_getframe|inspect\.(?:stack|currentframe)|currentframe|extract_stack|getStackTrace|StackWalker|StackFrame|debug_backtrace|caller_locations)\b.{0,120}['"](?:test_?|_test|tests?[./])|\bprocess\.argv\b.{0,80}['"`/](?:vitest|jest|mocha|ava)\b|["'][^"']{0,20}test[^"']{0,20}["']\s+in\s+.{0,60}\b(?:_getframe|co_filename)\b|\bsys\.modules\.get\(\s*["'](?:pytest|unittest)|["']__(?:vitest|jest|mocha|jasmine)\w{0,20}["']\s*in\b|\b__(?:VITEST|JEST|vitest_worker|jest)\w{0,10}__\b|\bruntime\.Callers?\(.{0,200}_test\.go|\bgetClassName\(\).{0,60}["'](?:org\.)?(?:junit|testng)|\bforName\(\s*"org\.(?:junit|testng)|\bFullName\b.{0,60}"(?:xunit|nunit|mstest|testhost)|\$(?:PROGRAM_NAME|0)\b.{0,40}["'][^"']{0,20}(?:rspec|minitest|spec|test)|\bensure_loaded\?\(\s*ExUnit|\|\|\s*cfg!\(\s*(?:debug_assertions|test)|\b(?:process|import\.meta)\.env(?:\?{0,1}\.|(?:\?\.)?\[['"])(?:VITEST|JEST_WORKER_ID|NODE_TEST_CONTEXT|MOCHA\w{0,20})\b|\{[^{}]{0,60}\b(?:VITEST|JEST_WORKER_ID|NODE_TEST_CONTEXT)\b[^{}]{0,60}\}\s*=\s*(?:process|import\.meta)\.env\b|\b(?:process|import\.meta)\.env(?:\??\.(?:NODE_ENV|MODE)|(?:\?\.)?\[['"](?:NODE_ENV|MODE)['"]\])\s*[!=]==?\s*['"]test['"]|\bPYTEST_\w{1,30}\b|["']pytest["']\s+in\s+sys\.argv|\btypeof\s+(?:jest|vitest|describe)\b|\bglobalThis(?:\s+as\s[^()]{1,80}\)?\)?)?(?:\??\.|(?:\?\.)?\[['"])(?:jest|vi|vitest|describe|expect)\b|["'](?:VITEST|JEST|MOCHA|NODE_TEST|PYTEST)\w{0,30}["']\s+(?:not\s+)?in\s+(?:process\.env|import\.meta\.env|os\.environ)\b|\b(?:process|import\.meta)\.env(?:\??\.|(?:\?\.)?\[['"])VITEST_\w{1,20}\b|\bXCTestConfigurationFilePath\b|\bNSClassFromString\(\s*"XCT|\bFLUTTER_TEST\b|\bENV(?:\[|\.fetch\(\s*)['"](?:RAILS|RACK|APP|HANAMI)_ENV['"].{0,40}==\s*['"]test['"]|^\s*#\s*(?:if|ifdef|ifndef|elif)\b.{0,60}\b(?:GTEST_\w{1,40}|UNIT_?TEST(?:S|ING)?|CATCH_(?:CONFIG|TEST|VERSION)\w{0,20}|DOCTEST_\w{1,40}|BOOST_TEST_\w{1,40})(?:\s|\)|$)|\btesting\.Testing\(\)|\bflag\.Lookup\(\s*"test\.|\bcfg!\(test\)|\bos\.Args\[0\].{0,60}\.test\b|\bsys\.argv\[0\].{0,60}(?:pytest|unittest)|\b(?:stack|inspect\.stack\(\)|caller|debug_backtrace\(\)).{0,80}["'](?:[^"']{0,40}[._])?(?:test|spec)[^"']{0,20}["']|\bdefined\?\(\s*(?:RSpec|Minitest)|\bclass_exists\([^)]{0,60}TestCase|\bPHPUNIT_\w{1,40}\b|\bRails\.env\.test\?/
/** Matches folders of programs that do not ship. */
const BESIDE =
  /(?:^|\/)(?:scripts?|tools?|tasks?|ci|build|bench(?:mark)?s?|benches|examples?|docs?|website|dev)\//
/** Matches code that reads the data of tests. */
const READS_TEST_DATA =
  /\b(?:readFile\w{0,4}|createReadStream|open|read_text|read_bytes|ReadFile|file_get_contents|File\.read|fs::read\w{0,10}|include_str!|include_bytes!|ReadAllText|new URL|Path)\s*\(.{0,100}["'][^"']{0,60}(?<![\w-])(?:tests?|spec|__tests__|testdata|__snapshots__)\/[^"']{1,100}["']/
const ASKS_FOR_PYTEST = /["'](?:pytest|unittest|_pytest)["']\s+(?:not\s+)?in\s+sys\.modules/
/** Matches lines of tests that are in the file which they test. */
const OWN_TESTS = /^\s*(?:import|from)\s|^\s*(?:@pytest\b|def\s+test|class\s+Test)/

/** Rust: matches the attribute of code that is compiled only for tests, or never for them. */
const RUST_ONLY_TESTED = /^\s*#\[cfg\((?:not\()?test\)?\)\]\s*$/
const STATEMENT = /^\s*(?:return\b|if\b|\{|let\b|\w+\s*=)/
/** Captures the name of a function. */
const RUST_FUNCTION = /^\s*(?:pub(?:\([^)]{0,40}\))?\s+)?fn\s+(\w{1,100})/
/** Matches common conditions about the environment. Only a fixed answer right after them is reported. */
const ASKS_FOR_PLACE =
  /\bNODE_ENV\b['"\]]{0,2}\s*!==?\s*['"]production['"]|\bPHP_SAPI\s*===?\s*['"]cli['"]|\bphp_sapi_name\(\)\s*===?\s*['"]cli['"]/
/** Matches a comparison with a name that only tests use. */
const NAMES_TEST =
  /\bif\b.{0,60}(?:[^=]==?=?\s*|\bis\s|\b(?:equals|eq|eql\?)\(\s*)["'](?:[^"']{0,30}[-_/])?(?:TEST|FIXTURE|DUMMY)(?:[-_/][^"']{0,30})?["']/
const FIXED_ANSWER = /\breturn\s+(?:-?\d|["'`]\w|true\b|\[\s*["'\d]|\{\s*["'\w])/
/** Elixir: matches a condition that holds only for tests. */
const MIX_TEST = /^\s*if\s+Mix\.env\(?\)?\s*==\s*:test\b/
const NEAR = 6
/** Go: matches terms of a build constraint that name a system, a release or a compiler. */
const OF_SYSTEM =
  /^(?:linux|unix|darwin|windows|\w*bsd|solaris|illumos|aix|android|ios|plan9|js|wasm|wasip1|amd64|arm64|arm|386|ppc64\w*|mips\w*|riscv64|s390x|loong64|cgo|gc|gccgo|go1\.\d+|race|purego|appengine|tinygo|ignore|tools?)$/

/** Reports sources that behave differently when tests run. */
export function noticingSources(read: ReadFile): readonly GuardFinding[] {
  const { file, isTest, role, added, removed, hunks } = read
  if (file.status === 'deleted' || isTest || isSetup(file.path) || role !== 'source') return []
  const kept = new Set(removed.map((line) => line.trim()))
  const fresh = added.filter((line) => !kept.has(line.trim()))
  const now = hunks.map((lines) => lines.filter(({ sign, text }) => sign !== '-' && text.trim() !== ''))
  const found = (finds: (lines: readonly GuardedLine[], at: number) => boolean) =>
    now.some((lines) =>
      lines.some(({ sign, text }, at) => sign === '+' && !kept.has(text.trim()) && finds(lines, at)),
    )
  const isShipped = !BESIDE.test(file.path)
  const notices =
    fresh.some((line) => ASKS_FOR_TESTS.test(line) || (isShipped && READS_TEST_DATA.test(line))) ||
    found(noticesPytest) ||
    found(answersByPlace) ||
    found(answersForTests) ||
    (/\.exs?$/.test(file.path) && found(definesForTests)) ||
    (/\.rs$/.test(file.path) && (found(hasTestedCode) || now.some(definesTwice)))
  const texts = [
    ...(notices ? ['does something else when tests run'] : []),
    ...(leavesBuild(read) ? ['is in builds with a tag alone'] : []),
  ]
  return texts.map((what) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }))
}

function noticesPytest(lines: readonly GuardedLine[], at: number): boolean {
  return ASKS_FOR_PYTEST.test(textAt(lines, at)) && !OWN_TESTS.test(textAt(lines, at + 1))
}

function answersByPlace(lines: readonly GuardedLine[], at: number): boolean {
  if (!ASKS_FOR_PLACE.test(textAt(lines, at))) return false
  return FIXED_ANSWER.test(`${textAt(lines, at)} ${textAt(lines, at + 1)}`)
}

function answersForTests(lines: readonly GuardedLine[], at: number): boolean {
  return (
    NAMES_TEST.test(textAt(lines, at)) && FIXED_ANSWER.test(`${textAt(lines, at)} ${textAt(lines, at + 1)}`)
  )
}

function definesForTests(lines: readonly GuardedLine[], at: number): boolean {
  if (!MIX_TEST.test(textAt(lines, at))) return false
  const below = lines.slice(at + 1, at + NEAR).map(({ text }) => text)
  return below.some((text) => /^\s*defp?\s/.test(text)) && below.some((text) => /^\s*else\b/.test(text))
}

function hasTestedCode(lines: readonly GuardedLine[], at: number): boolean {
  return RUST_ONLY_TESTED.test(textAt(lines, at)) && STATEMENT.test(textAt(lines, at + 1))
}

/** Rust: true if a function is newly defined once for tests and once for other builds. */
function definesTwice(lines: readonly GuardedLine[]): boolean {
  const names = (condition: RegExp) =>
    new Set(
      lines.flatMap(({ sign, text }, at) =>
        sign === '+' && condition.test(text) ? (RUST_FUNCTION.exec(textAt(lines, at + 1))?.[1] ?? []) : [],
      ),
    )
  return !names(/^\s*#\[cfg\(test\)\]/).isDisjointFrom(names(/^\s*#\[cfg\(not\(test\)\)\]/))
}

/** Go: true if an existing file is no longer part of an ordinary build. */
function leavesBuild({ file, added, removed, hunks }: ReadFile): boolean {
  if (!/\.go$/.test(file.path) || file.status === 'added') return false
  // gofmt adds the new form of a constraint above the old one, which stays.
  if (hunks[0]?.some(({ text }) => /^\/\/\s*\+build\s/.test(text)) === true) return false
  if (removed.some((line) => /^\/\/go:build\s/.test(line))) return false
  const condition = added.find((line) => /^\/\/go:build\s/.test(line))
  const terms = condition?.replace(/^\/\/go:build\s/, '').match(/!?[\w.]+/g) ?? []
  return terms.some((term) => !term.startsWith('!') && !OF_SYSTEM.test(term))
}

function textAt(lines: readonly GuardedLine[], at: number): string {
  return lines[at]?.text ?? ''
}
