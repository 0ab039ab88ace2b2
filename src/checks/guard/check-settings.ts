import { isTestFile } from '../file-roles.ts'
import { testMarks } from '../test-marks.ts'
import type { GuardFinding, ReadFile } from './guarded-change.ts'

/** Files that only configure which tests run, and how. */
const CHECK_FILE =
  /(?:^|\/)(?:\.github\/backspace\.ya?ml|tox\.ini|noxfile\.py|\.?pytest\.ini|\.mocharc\.\w+|(?:jest|vitest|playwright)\.config\.\w+|vitest\.workspace\.\w+|karma\.conf\.\w+|\.rspec|phpunit\.xml(?:\.dist)?)$/
const MANIFEST = /(?:^|\/)package\.json$/
const BUILD_FILE = /(?:^|\/)(?:GNUmakefile|[Mm]akefile|\.?[Jj]ustfile|Taskfile\.ya?ml|Rakefile|meson\.build)$/
const CMAKE = /(?:^|\/)CMakeLists\.txt$/
const PYTHON = /(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini|\.?pytest\.ini)$/
const JVM = /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?)$/
const TS_CONFIG = /(?:^|\/)tsconfig[\w.-]*\.json$/
const LINTER =
  /(?:^|\/)(?:\.?eslint(?:rc)?(?:\.config)?(?:\.\w+)*|biome\.jsonc?|\.oxlintrc\.json|\.?ruff\.toml|\.flake8|\.?pylintrc|\.?mypy\.ini|pyrightconfig\.json|\.rubocop(?:_todo)?\.yml|\.golangci\.ya?ml|clippy\.toml|\.?phpstan(?:\.\w+)*|psalm\.xml|phpcs\.xml(?:\.dist)?|\.swiftlint\.yml|\.clang-tidy|\.credo\.exs|detekt\.yml|checkstyle\.xml|knip\.json)$/

/** What of these files decides it; the rest names environments, packages and texts. */
const DECIDES =
  /\b(?:commands?(?:_pre|_post)?|pytest|unittest|ignore\w*|exclude\w*|include\w*|addopts|testpaths|skip\w*|only|changedir|xfail\w*|filterwarnings|norecursedirs|python_\w+|test\w*|spec\w*|pattern\w*|match\w*|passWithNoTests|bail|retr\w+|threshold\w*|coverage\w*|setup\w*|global\w*|environment\w*|runner\w*|projects?|workspace|dir|root\w*|grep|require|parallel|checks?|verify|setup|suite|directory|file|session\w*|run)\b|-[km]\b/i

/** Lines that configure tests, in files with other content. */
const CHECK_LINES: readonly {
  readonly file: RegExp
  readonly line: RegExp
  readonly sign: '-' | '+' | '+-'
}[] = [
  {
    file: MANIFEST,
    line: /"(?:(?:pre|post)?test(?::\w+)?|lint|typecheck|type-check|check(?::types)?)"\s*:/,
    sign: '-',
  },
  {
    file: MANIFEST,
    line: /"(?:testPathIgnorePatterns|testMatch|testRegex|collectCoverageFrom|modulePathIgnorePatterns|passWithNoTests)"/,
    sign: '+-',
  },
  {
    file: /(?:^|\/)vite\.config\.\w+$/,
    line: /\b(?:exclude|include|testNamePattern|passWithNoTests|setupFiles|globalSetup)\b/,
    sign: '+',
  },
  {
    file: PYTHON,
    line: /^\s*(?:addopts|testpaths|python_(?:files|classes|functions)|norecursedirs|ignore_errors)\b/,
    sign: '+-',
  },
  { file: /(?:^|\/)Cargo\.toml$/, line: /^\s*(?:test|harness|autotests|doctest)\s*=\s*false\b/, sign: '+-' },
  {
    file: JVM,
    line: /\bskipTests\b|\btestFailureIgnore\b|\bignoreFailures\b|\bmaven\.test\.skip\b|\bexcludeTestsMatching\b|\bexcludedGroups\b/,
    sign: '+-',
  },
  {
    file: BUILD_FILE,
    line: /^(?!\s*(?:#|\.PHONY)).*\b(?:test|check|pytest|jest|vitest|mocha|rspec|add_test|ctest)\b/,
    sign: '-',
  },
  {
    file: CMAKE,
    line: /^\s*(?:add_test|enable_testing|\w{0,20}_?discover_tests|include\s*\(\s*CTest)\b/,
    sign: '-',
  },
  { file: CMAKE, line: /\bWILL_FAIL\b|\bDISABLED\s+(?:TRUE|ON|1)\b/i, sign: '+' },
]

/** Settings that let less count as an error. */
const LOOSENS: readonly { readonly file: RegExp; readonly line: RegExp }[] = [
  {
    file: TS_CONFIG,
    line: /"(?:strict\w*|no(?:Implicit|Unchecked|Unused|Fallthrough)\w*|checkJs|exactOptional\w*)"\s*:\s*false|"skipLibCheck"\s*:\s*true/,
  },
  {
    file: LINTER,
    line: /['"]?(?:off|warn)['"]\s*[,\]}]?|:\s*(?:0|off)\s*,?\s*$|\bEnabled:\s*false\b|\bignore_errors\s*=\s*(?:true|True)|\bdisable\s*[:=]|\blevel:\s*0\b/,
  },
  { file: PYTHON, line: /^\s*(?:ignore_errors|disable_error_code)\s*=|^\s*fail_under\s*=\s*0\b/ },
]

/** Runs on after a failure, as if there had been none. */
const LETS_FAIL =
  /\|\|\s*(?:true|:|exit 0|echo)\b|\|\|\s*:\s*$|;\s*(?:true|exit 0)\s*["']?\s*$|--exit-zero\b|--pass-?[wW]ith-?[nN]o-?[tT]ests\b|--no-verify\b|\bcontinue-on-error:\s*true|\ballow_failure:\s*true|\bset \+e\b|--suppress-tests-failures|--force-success/
const CHECKS_SOMETHING =
  /\b(?:test|tests|check|lint|jest|vitest|mocha|pytest|tox|tsc|eslint|ruff|mypy|ctest|clippy|phpunit|rspec|verify|coverage|typecheck)\b/i
const RUNS_CHECKS =
  /(?:^|\/)(?:[\w.-]*(?:test|check|lint|ci|verify)[\w.-]*\.(?:sh|bash|ps1|cmd|bat)|run[-_]?tests?)$|\.ya?ml$/i

const THRESHOLD =
  /\b(?:fail[_-]?under|cov-fail-under|minimum_coverage|coverageThreshold|branches|functions|lines|statements|minimum|threshold|target|max-warnings|minimumMsi|--min-coverage)\b["']?\s*[:=>\s]\s*["']?(\d{1,4}(?:\.\d+)?)/i
const HAS_THRESHOLDS =
  /(?:^|\/)(?:package\.json|pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc|(?:jest|vitest|vite|karma)\.config\.\w+|\.nycrc(?:\.\w+)?|\.c8rc\.json|\.simplecov|pom\.xml|build\.gradle(?:\.kts)?|[Mm]akefile|codecov\.ya?ml|spec_helper\.rb|test_helper\.(?:rb|exs)|phpunit\.xml(?:\.dist)?|infection\.json5?|mix\.exs|[\w.-]*(?:test|check|cover)[\w.-]*\.sh)$/

/** Edits of what is checked, and of what counts as a failure. */
export function checkSettings({ file, added, removed, isTest }: ReadFile): readonly GuardFinding[] {
  const { path, previousPath = path, status } = file
  const shown = `\`${path}\``
  const findings: GuardFinding[] = []
  const reason = (what: string, settledBy?: GuardFinding['settledBy']) =>
    findings.push({ text: `${shown} ${what}`, weight: 'reason', settledBy, path })
  const fresh = without(added, removed)
  const stale = without(removed, added)
  const isCheckFile =
    status !== 'deleted' &&
    (CHECK_FILE.test(path) || CHECK_FILE.test(previousPath)) &&
    [...fresh, ...stale].some((line) => DECIDES.test(line) && !/^\s*(?:import\b|#|\/\/)/.test(line))
  const changesLine = CHECK_LINES.some(({ file: name, line, sign }) => {
    const lines = sign === '-' ? stale : sign === '+' ? fresh : [...stale, ...fresh]
    // Without its manifest a project has no checks, and its tests are gone as well.
    return status !== 'deleted' && name.test(previousPath) && lines.some((text) => line.test(text))
  })
  if (isCheckFile || changesLine) reason('changes what the checks run', 'as_before')
  if (LOOSENS.some(({ file: name, line }) => name.test(path) && fresh.some((text) => line.test(text))))
    findings.push({ text: `${shown} lets less count as an error`, weight: 'note' })
  const isScript = MANIFEST.test(path) || BUILD_FILE.test(path) || RUNS_CHECKS.test(path)
  if (isScript && !isTest && fresh.some((text) => LETS_FAIL.test(text) && CHECKS_SOMETHING.test(text)))
    reason('runs on when a check fails')
  if (HAS_THRESHOLDS.test(path) && lowersThreshold(removed, added)) reason('lowers what the checks demand')
  if (isMovedOut(previousPath, path))
    findings.push({
      text: `\`${previousPath}\` was a test; renamed to ${shown} it no longer runs as one`,
      weight: 'reason',
    })
  return findings
}

/** The first number of lines that name a threshold. */
function lowersThreshold(removed: readonly string[], added: readonly string[]): boolean {
  const before = thresholdsIn(removed)
  const after = thresholdsIn(added)
  if (before.length === 0) return false
  return before.some(({ name, value }) => {
    const now = after.find((one) => one.name === name)
    return now === undefined
      ? after.length === 0 && before.length > 0 && removed.length > added.length
      : now.value < value
  })
}

function thresholdsIn(
  lines: readonly string[],
): readonly { readonly name: string; readonly value: number }[] {
  return lines.flatMap((line) => {
    const found = THRESHOLD.exec(line)
    return found === null
      ? []
      : [{ name: (found[0].match(/[\w-]+/)?.[0] ?? '').toLowerCase(), value: Number(found[1]) }]
  })
}

/** Says to a runner that a file holds tests. */
const NAMED_AS_TEST =
  /(?:^|[._-])(?:tests?|spec|specs|it|e2e)(?=[._-]|$)|(?:Tests?|Spec|IT|Cest)(?=\.|$)|^Test[A-Z]/

/** A file of tests that is called so no more, or lies elsewhere. */
function isMovedOut(from: string, to: string): boolean {
  if (from === to || !isTestFile(from) || testMarks(from) === undefined) return false
  const [old = '', now = ''] = [from, to].map(baseName)
  return !isTestFile(to) || (NAMED_AS_TEST.test(old) && !NAMED_AS_TEST.test(now))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const same = new Set(others.map(squeezed))
  return lines.filter((line) => !same.has(squeezed(line)))
}

/** The same however it is laid out. */
function squeezed(line: string): string {
  return line.replace(/[\s,;]+/g, '')
}
