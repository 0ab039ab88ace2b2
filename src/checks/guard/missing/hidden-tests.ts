import { isTestFile } from '../../file-roles.ts'
import { testMarks } from '../../test-marks.ts'
import { linesNow } from '../change/around-line.ts'
import { countMatches, type GuardedLine, type GuardFinding, type ReadFile } from '../change/guarded-change.ts'
import { becomeCoroutines, becomesNested } from './unrun-tests.ts'

/** Rust: matches conditions that hold in an ordinary test run on Linux. */
const RUST_HOLDS =
  /^\s*#\[cfg\((?:test|unix|not\((?:windows|miri|loom|target_os = "(?:windows|macos|ios|android)"|target_family = "wasm"|target_arch = "wasm32")\)|target_os = "linux"|all\(test, (?:unix|not\((?:windows|miri|loom)\))\))\)\]\s*$/
const RUST_CONDITION = /^\s*#\[cfg\(/
const RUST_TESTS = /^\s*#\[(?:\w+::){0,3}(?:test|rstest|test_case)\b|^\s*(?:pub\s+)?mod\s+\w*tests?\b/
const RUST_MODULE = /^\s*(?:pub\s+)?mod\s+\w*tests?\s*;/
/** Rust: matches the start of an example in a comment that runs as a test. */
const DOC_RUN = /^\s*\/\/[/!]\s*```(?:rust)?\s*$/
const DOC_NOT_RUN =
  /^\s*\/\/[/!]\s*```(?:rust,)?\s?(?:no_run|ignore\b(?!-(?:wasm|windows|macos|android|ios|aarch64|arm)\b)|text|compile_fail)/
/** Go: matches build constraints that hold in an ordinary run on Linux. */
const GO_HOLDS =
  /^\/\/(?:go:build|\s*\+build)\s(?:linux|unix|amd64|arm64|cgo|go1\.\d{1,3}|!(?:windows|darwin|js|wasm|wasip1|plan9|race|appengine|tinygo|purego|aix|solaris|android|ios|msan|asan)|&&|\|\||[\s,()])+$/
const GO_CONDITION = /^\/\/(?:go:build|\s*\+build)\s/
/** Matches a preprocessor condition with a name of the project, not one of a system, a version or a build. */
const MACRO =
  /^\s*#\s*(?:if|ifdef)\s+(?:defined\s*\(?\s*)?(?!(?:DEBUG|RELEASE|NET|NETFRAMEWORK|NETSTANDARD|NETCOREAPP|WINDOWS|LINUX|UNIX|APPLE|ANDROID|IOS|UNITY|UNICODE|os|arch|compiler|swift)\b)(?:[A-Za-z]{3,30}|\w{0,30}(?:NIGHTLY|SLOW|MANUAL|DISABLED|SKIP|BROKEN|FLAKY|INTEGRATION)\w{0,30})\)?\s*$/
/** Python: runners recognise a test class by its name or by its base class. */
const PYTHON_NAME = /^\s*class\s+Test\w*/
const PYTHON_CASE = /^\s*class\s+\w+\(.{0,200}TestCase\b/
const NO_BASE = /^\s*class\s+\w+\s*(?:\(\s*(?:object)?\s*\))?\s*:/
const CLASS = /^\s*class\s+\w/

/** Matches file names by which runners find tests. */
const NAMED_AS_TEST =
  /(?:^|[._-])(?:tests?|spec|specs|tst|it|e2e)(?=[._-]|$)|(?:Tests?|Spec|IT|Cest)(?=\.|$)|^Test[A-Z]/

/** File names by which the usual runners of a language find tests, by extension. */
const BY_RUNNER: readonly (readonly [files: RegExp, found: RegExp])[] = [
  [/\.rb$/, /_(?:spec|test)\.rb$|^test_/],
  [/\.py$/, /^test_|_test\.py$/],
  [/\.[cm]?[jt]sx?$/, /(?:^|[._-])(?:tests?|specs?|e2e|cy|it)\.(?:[\w-]{1,40}\.)?[cm]?[jt]sx?$/],
  [/\.exs$/, /_test\.exs$/],
]

/** Storybook: matches files whose stories run as tests, and what takes one of them out. */
const STORIES = /\.stories\.\w{2,4}$/
const NOT_RUN = /\btags\s*:\s*\[[^\]]{0,100}['"]!test['"]/

/** Go: matches what an example has to print. Without it, the example does not run. */
const PRINTS = /^\s*\/\/\s*(?:[Uu]nordered )?[Oo]utput:/

/** Matches paths in a folder whose name says that it holds tests: `typing_tests/`. */
const OF_TEST_FOLDER = /(?:^|\/)(?:[\w-]{1,60}[_-])?tests?(?:[_-][\w-]{1,60})?\//i

/** Go: matches file names that build on other systems or processors only. */
const ELSEWHERE =
  /_(?:windows|darwin|plan9|js|wasm|wasip1|android|ios|aix|solaris|illumos|\w*bsd|dragonfly|arm|386|mips\w*|ppc64\w*|riscv64|s390x|loong64)_test\.go$/

/** C: matches file names for other systems. */
const ELSEWHERE_IN_C = /[_.-](?:win(?:32|64|dows)?|darwin|macos|osx|ios|android)\.(?:c|cc|cpp|cxx|m|mm)$/i

/** True if a condition of the compiler leaves these lines out of an ordinary run: a build tag of Go, a `cfg` of Rust. */
export function isBuiltElsewhere(lines: readonly string[]): boolean {
  return lines.some(
    (line) =>
      (GO_CONDITION.test(line) && !GO_HOLDS.test(line)) ||
      (RUST_CONDITION.test(line) && !RUST_HOLDS.test(line)),
  )
}

/**
 * Reports existing tests that an ordinary run no longer finds: they are behind a compiler condition, renamed
 * or moved.
 */
export function hiddenTests(read: ReadFile): readonly GuardFinding[] {
  const { file, marks, hunks } = read
  const { path, previousPath = path } = file
  const reason = (text: string) => [{ text, weight: 'reason' }] as const
  if (isMovedOut(previousPath, path))
    return reason(`\`${previousPath}\` was a test; renamed to \`${path}\` it no longer runs as one`)
  if (STORIES.test(path) && read.added.some((line) => NOT_RUN.test(line)))
    return reason(`\`${path}\` has tests that an ordinary run no longer finds`)
  if (marks === undefined || file.status === 'added' || file.status === 'deleted') return []
  const coroutines = /\.py$/.test(path) ? becomeCoroutines(read) : []
  if (coroutines.length > 0) {
    const text = `\`${path}\` makes tests of before coroutines that wait for nothing`
    return [{ text, weight: 'reason', settledBy: 'still_run', path, tests: coroutines }]
  }
  return hides(read, hunks) || hunks.some((lines) => closesTest(lines, marks.test))
    ? reason(`\`${path}\` has tests that an ordinary run no longer finds`)
    : []
}

function hides({ file, added, removed, isTest }: ReadFile, hunks: ReadFile['hunks']): boolean {
  const kept = new Set(removed.map((line) => line.trim()))
  if (/\.rs$/.test(file.path)) {
    const losesModule =
      removed.some((line) => RUST_MODULE.test(line)) && !added.some((line) => /\bmod\s/.test(line))
    if (
      countMatches(added, DOC_NOT_RUN) > countMatches(removed, DOC_NOT_RUN) &&
      countMatches(removed, DOC_RUN) > countMatches(added, DOC_RUN)
    )
      return true
    return losesModule || hunks.some((lines) => hasRustCondition(lines, kept))
  }
  if (/\.go$/.test(file.path))
    return (
      (countMatches(removed, PRINTS) > countMatches(added, PRINTS) &&
        !removed.some((line) => /^func\s+Example/.test(line))) ||
      (added.some((line) => GO_CONDITION.test(line) && !GO_HOLDS.test(line) && !kept.has(line.trim())) &&
        !hunks.some(hasOlderCondition))
    )
  if (/\.swift$/.test(file.path) && added.some((line) => takesArgument(line, kept))) return true
  if (/\.(?:cs|swift|c|cc|cpp|cxx|h|hh|hpp)$/.test(file.path) && isTest) return hunks.some(hasMacro)
  if (/\.py$/.test(file.path) && isTest)
    return hunks.some(becomesNested) || (holdsTests(file.before) && hunks.some(losesClass))
  return false
}

/** Swift: true if a method that XCTest called without arguments now has one. */
function takesArgument(line: string, removed: ReadonlySet<string>): boolean {
  const head = /^(.*\bfunc\s+test\w{0,100}\()[^)\s].*$/.exec(line.trim())?.[1]
  return head !== undefined && removed.values().some((one) => one.startsWith(`${head})`))
}

/** True if a condition in the older form stays, above which gofmt adds the new form. */
function hasOlderCondition(lines: readonly GuardedLine[]): boolean {
  return lines.some(({ sign, text }) => sign === ' ' && /^\/\/\s*\+build\s/.test(text))
}

const VISIBILITY = /\b(?:public|private|protected|internal|fileprivate)\s+/g
const CLOSED = /\b(?:private|protected|fileprivate)\s/

/** True if a test method becomes private, so that runners skip it. */
function closesTest(lines: readonly GuardedLine[], test: RegExp): boolean {
  const bare = (text: string) => text.replace(VISIBILITY, '').trim()
  const before = new Set(
    lines.flatMap(({ sign, text }) =>
      sign === '-' && !CLOSED.test(text) && text.includes('(') ? [bare(text)] : [],
    ),
  )
  const now = linesNow(lines)
  return now.some(
    ({ sign, text }, at) =>
      sign === '+' &&
      CLOSED.test(text) &&
      before.has(bare(text)) &&
      now.slice(Math.max(0, at - 2), at + 1).some((one) => test.test(one.text)),
  )
}

/** Rust: true if a new condition is added above an existing test. */
function hasRustCondition(lines: readonly GuardedLine[], kept: ReadonlySet<string>): boolean {
  const now = linesNow(lines)
  // One condition replaces another.
  const stale = lines.filter(
    ({ sign, text }) => sign === '-' && RUST_CONDITION.test(text) && !RUST_HOLDS.test(text),
  )
  if (stale.length > 0) return false
  const known = new Set([...kept].flatMap(featuresIn))
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !RUST_CONDITION.test(text) || RUST_HOLDS.test(text) || kept.has(text.trim()))
      return false
    // The module had the same condition before.
    if (featuresIn(text).length > 0 && featuresIn(text).every((one) => known.has(one))) return false
    const next = now
      .slice(at + 1, at + 20)
      .findIndex((one) => !/^\s*(?:#\[cfg|#\[allow|\/\/|$)/.test(one.text))
    const held = now[at + 1 + next]
    // A diff may show the attribute of a new test at the next test.
    const named = now.slice(at + 1 + next).find((one) => /\b(?:fn|mod)\s+\w/.test(one.text))
    return held?.sign === ' ' && RUST_TESTS.test(held.text) && named?.sign === ' '
  })
}

/** The features that a condition of Rust asks for. */
function featuresIn(line: string): readonly string[] {
  return RUST_CONDITION.test(line) ? (line.match(/feature = "[\w-]{1,60}"/g) ?? []) : []
}

/** True if a new preprocessor condition encloses kept code. */
function hasMacro(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  // One condition replaces another.
  if (lines.some(({ sign, text }) => sign === '-' && /^\s*#\s*(?:if|endif|el)/.test(text))) return false
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !MACRO.test(text)) return false
    const length = now.slice(at + 1).findIndex((one) => /^\s*#\s*(?:endif|else|elif)\b/.test(one.text))
    const inside = now.slice(at + 1, length === -1 ? undefined : at + 1 + length)
    return inside.some((one) => one.sign === ' ' && /[({]/.test(one.text))
  })
}

/** True if the file has test functions. Helper files have classes with such names, too. */
function holdsTests(bytes: Uint8Array | null | undefined): boolean {
  return !bytes || /^\s*(?:async )?def test/m.test(Buffer.from(bytes).toString('utf8'))
}

function classIn(text: string): string | undefined {
  return /\bclass\s+(\w+)/.exec(text)?.[1]
}

/** Python: true if a test class gets a name or a base that runners do not recognise. */
function losesClass(lines: readonly GuardedLine[]): boolean {
  return lines.some(({ sign, text }, at) => {
    if (sign !== '-' || !CLASS.test(text)) return false
    // The class is still there, below another one.
    const name = classIn(text)
    const isKept = (one: string) => classIn(one) === name && (PYTHON_NAME.test(one) || PYTHON_CASE.test(one))
    if (lines.some((one) => one.sign === '+' && isKept(one.text))) return false
    const near = lines.slice(at + 1, at + 4).filter((one) => one.sign === '+' && CLASS.test(one.text))
    if (PYTHON_NAME.test(text))
      return near.some((one) => !PYTHON_NAME.test(one.text) && !PYTHON_CASE.test(one.text))
    return PYTHON_CASE.test(text) && near.some((one) => NO_BASE.test(one.text) && !PYTHON_NAME.test(one.text))
  })
}

/** True if a test file gets a name or a place where runners do not find it. */
export function isMovedOut(from: string, to: string): boolean {
  if (from === to || !isTestFile(from) || testMarks(from) === undefined) return false
  const [old = '', now = ''] = [from, to].map(baseName)
  if (ELSEWHERE.test(now) && !ELSEWHERE.test(old)) return true
  if (ELSEWHERE_IN_C.test(now) && !ELSEWHERE_IN_C.test(old)) return true
  // Go passes over such names.
  if (/^[_.].*\.go$/.test(now)) return true
  if (BY_RUNNER.some(([files, found]) => files.test(now) && found.test(old) && !found.test(now))) return true
  // A file that only its folder marks as a test may move to another folder for tests.
  const isPlaced = !NAMED_AS_TEST.test(old) && OF_TEST_FOLDER.test(to)
  return (!isTestFile(to) && !isPlaced) || (NAMED_AS_TEST.test(old) && !NAMED_AS_TEST.test(now))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
