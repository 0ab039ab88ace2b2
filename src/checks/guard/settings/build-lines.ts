/** A rule about lines of a file that decide what is checked. */
export interface LineRule {
  readonly file: RegExp
  readonly line: RegExp
  /** Matches the names that the line is nested in. */
  readonly below?: RegExp
  readonly notBelow?: RegExp
  /**
   * Which lines trigger the rule: removed (`-`), added (`+`) or both. `fewer`: more such lines are removed
   * than added; `more`: the reverse; `items`: a word in such lines is gone.
   */
  readonly sign: '-' | '+' | '+-' | 'fewer' | 'items' | 'more'
}

export const PYTHON_SETTINGS = /(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini|\.?pytest\.ini)$/
export const DOTNET_PROJECT = /\.(?:[cf]sproj|vbproj|props|targets)$/
export const JVM_BUILD = /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?)$/
const CMAKE = /(?:^|\/)CMakeLists\.txt$/
const TOX = /(?:^|\/)tox\.ini$/
const CHECKS = '(?:lint|types?|typing|typecheck|mypy|pyright|style|flake8|ruff|pylint|check)'
/** Matches files that contain commands. */
const RUNS =
  /(?:^|\/)(?:tox\.ini|noxfile\.py|pytest\.ini|\.?[Jj]ustfile|GNUmakefile|[Mm]akefile|Dockerfile|.{1,100}\.sh|\.env)$/
/** Names of packages that check code, in a `package.json`. */
const CHECKERS =
  'vitest|jest|mocha|ava|tap|jasmine|karma|typescript|eslint|oxlint|cypress|playwright|@playwright/test|@biomejs/biome'

/** Rules about lines of build files that decide which tests are found and run. */
export const BUILD_LINES: readonly LineRule[] = [
  {
    file: JVM_BUILD,
    line: /\bskipTests\b|\btestFailureIgnore\b|\bignoreFailures\b|\bmaven\.test\.(?:skip|failure\.ignore)\b|\bexcludeTestsMatching\b|\bincludeTestsMatching\b|<include>(?:[^<*]{0,100}\*\*\/)?\w{1,80}Tests?\.(?:java|kt)<|\bexclude(?:d)?(?:Groups|Tags|Categories)\b|\brerunFailingTestsCount\b|\bfailIfNoTests\b|<skip>\s*true|<test>[^<]|<exclude>[^<]{0,200}(?:Tests?|IT)\b|\bexclude\b.{0,20}["'][^"']{0,200}(?:Tests?|IT|Spec)\b|\b[tT]ests?\w{0,20}\W{1,3}enabled\s*=\s*false|\bonlyIf\s*\{\s*false/,
    sign: '+',
  },
  { file: JVM_BUILD, line: /\benabled\s*=\s*false\b/, below: /\btest\b/i, notBelow: /\bif\b/, sign: '+' },
  { file: JVM_BUILD, line: /\bonlyIf\b/, below: /\b(?:test|\w{0,40}Test)\b|<Test>/, sign: '+' },
  { file: JVM_BUILD, line: /\bdependsOn\b/, below: /\bcheck\b/, sign: 'items' },
  { file: JVM_BUILD, line: /\bdependsOn\b.{0,300}:?\w*[tT]est\b/, sign: 'items' },
  { file: /(?:^|\/)pom\.xml$/, line: /<module>/, sign: 'fewer' },
  { file: JVM_BUILD, line: /\bincludeTags\b|<groups>/, sign: 'items' },
  {
    file: CMAKE,
    line: /^\s*(?:add_test|enable_testing|\w{0,20}_?discover_tests|include\s*\(\s*CTest)\b/,
    sign: '-',
  },
  {
    file: CMAKE,
    line: /\bNDEBUG\b|\bWILL_FAIL\b|\b(?:PASS_REGULAR_EXPRESSION|SKIP_(?:RETURN_CODE|REGULAR_EXPRESSION))\b|\bDISABLED\s+(?:TRUE|ON|1)\b|--gtest_filter=\S|\bTEST_EXCLUDE\w*|\bEXCLUDE_REGULAR/i,
    sign: '+',
  },
  { file: CMAKE, line: /^\s*add_executable\(.{0,500}\btests?\//, sign: 'items' },
  {
    file: /(?:^|\/)\.env(?:\.(?:test|ci|testing))?$/,
    line: /^\s*(?:export\s+)?\w{0,40}SKIP\w{0,40}\s*=\s*["']?(?:1|true|yes|on)\b/i,
    sign: '+',
  },
  { file: /(?:^|\/)CMakePresets\.json$/, line: /"(?:filter|exclude)"\s*:/, sign: '+' },
  { file: /\.xctestplan$/, line: /"(?:skippedTests|selectedTests)"\s*:/, sign: '+' },
  { file: /(?:^|\/)Package\.swift$/, line: /\.testTarget\(/, sign: 'fewer' },
  { file: /(?:^|\/)Package\.swift$/, line: /\.testTarget\(.{0,300}\bexclude:/, sign: '+' },
  { file: /(?:^|\/)Package\.swift$/, line: /\bexclude:/, below: /\.testTarget\(/, sign: '+' },
  { file: /(?:^|\/)go\.work$/, line: /=>/, sign: '+' },
  {
    file: /(?:^|\/)BUILD(?:\.bazel)?$/,
    line: /\btags\s*=\s*\[[^\]]{0,200}["'](?:manual|notap)["']|\bflaky\s*=\s*True\b/,
    sign: '+',
  },
  { file: /\.sbt$/, line: /\bTests\.(?:Filter|Exclude)\b|\bTest\s*\/\s*(?:skip|test)\s*:=/, sign: '+' },
  {
    file: /(?:^|\/)mix\.exs$/,
    line: /^\s*"?(?:test|check|lint)"?:\s*\[(?![^\]]{0,300}\btest\b[^.])[^\]]{1,300}\]/,
    sign: '+',
  },
  { file: /(?:^|\/)mix\.exs$/, line: /\btest_(?:pattern|paths|load_filters|ignore_filters):/, sign: '+-' },
  { file: /(?:^|\/)Cargo\.toml$/, line: /^\s*required-features\b/, below: /\[\[test\]\]/, sign: '+' },
  { file: /(?:^|\/)phpunit\.xml(?:\.dist)?$/, line: /\b(?:failOn|beStrict)\w{1,60}="true"/, sign: 'fewer' },
  { file: TOX, line: new RegExp(`^\\s*env_?list\\s*=.*\\b${CHECKS}\\b`), sign: 'fewer' },
  { file: TOX, line: new RegExp(`^\\s*${CHECKS},?\\s*$`), below: /\benv_?list\b/, sign: 'fewer' },
  {
    file: PYTHON_SETTINGS,
    line: /^\s*["']?(?:tests?|check|lint|types?|typecheck)(?:[-_:][\w:-]+)?["']?\s*=/,
    below: /\btool\.(?:poe|taskipy|pdm|hatch|rye|uv)\b.{0,80}\b(?:tasks|scripts)\b/,
    sign: '-',
  },
  {
    file: /(?:^|\/)(?:project|nx|package)\.json$/,
    line: /"executor"\s*:\s*"nx:noop"/,
    sign: '+',
  },
  {
    file: /(?:^|\/)(?:GNUmakefile|[Mm]akefile|[^/]+\.mk)$/,
    line: /^\s*(?:override\s+)?(?:SHELL\s*[:?]{0,2}=\s*(?:\/[\w/]{1,20}\/)?(?:true|echo|:)\s*$|MAKEFLAGS\s*[+:?]{0,2}=.{0,100}(?:\s-?\w{0,5}[ik]\b|--(?:ignore-errors|keep-going)))/,
    sign: '+',
  },
  {
    file: /(?:^|\/)(?:pyproject\.toml|Cargo\.toml|Gemfile|composer\.json)$/,
    line: /^\s*(?:gem\s+)?["']?(?:pytest[\w-]{0,30}|hypothesis|coverage|mypy|ruff|pretty_assertions|proptest|quickcheck|insta|rstest|mockall|assert_cmd|rspec[\w-]{0,30}|minitest|test-unit|simplecov|rubocop)["']?\s*(?:=|,).{0,100}\bpath\s*(?:=|:|=>)|"type"\s*:\s*"path".{0,200}\b(?:phpunit|pest|mockery|phpstan)\b/,
    sign: '+',
  },
  {
    file: /(?:^|\/)Cargo\.toml$/,
    line: /^\s*(?:overflow-checks|debug-assertions)\s*=\s*false\b/,
    below: /\[profile\.(?:test|dev)/,
    sign: '+',
  },
  {
    file: JVM_BUILD,
    line: /\benableAssertions\b.{0,12}\bfalse\b|["'\s>]-(?:da|disableassertions)\b/,
    sign: '+',
  },
  {
    file: /(?:^|\/)phpunit\.xml(?:\.dist)?$/,
    line: /"(?:zend\.assertions|assert\.active)"\s+value="(?:-1|0)"/,
    sign: '+',
  },
  // With these, Python skips `assert` statements.
  { file: RUNS, line: /\bPYTHONOPTIMIZE\s*=\s*["']?[^\s0"']|\bpython3?\s+-OO?\b/, sign: '+' },
  {
    file: RUNS,
    line: /\b(?:PYTEST_ADDOPTS|JEST_ARGS|GOFLAGS|MAVEN_ARGS|CTEST_ARGS)\s*[:?+]?=.*(?:--deselect|--ignore|\s-[kmx]\b|-short\b|-run\b|skipTests|\s-L?E\b)/,
    sign: '+',
  },
  { file: /\.runsettings$/, line: /<TestCaseFilter>/, sign: '+' },
  {
    file: /(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/,
    line: /^\s*(?:command|entrypoint):.*\b(?:tests?|check|lint|pytest|jest|vitest|mocha|rspec|phpunit|tox)\b/,
    sign: '-',
  },
  {
    file: /(?:^|\/)package\.json$/,
    line: /"(?:f?grep|invert|ignore|exclude|testNamePattern|retries|bail|forbid\w{1,20}|failZero)"\s*:/,
    below: /"(?:mocha|ava|tap|jasmine|vitest|jest)"/,
    sign: '+-',
  },
  {
    file: /(?:^|\/)package\.json$/,
    line: /"(?:mocha|ava|tap|jasmine)"\s*:\s*\{.{0,300}"(?:f?grep|invert|ignore|exclude|retries|forbid\w{1,20}|failZero)"\s*:/,
    sign: '+-',
  },
  // A module of the project is mapped to another file. A mapping back into `src/` is allowed.
  {
    file: /(?:^|\/)(?:(?:jest|vitest|vite)\.config\.\w+|package\.json)$/,
    line: /['"`]\^?(?:\.{1,2}\/|src\/|@\/)[^'"`]{1,200}['"`]\s*:(?!.{0,300}(?:\$1|src\/))/,
    below: /\b(?:moduleNameMapper|alias)\b/,
    sign: '+',
  },
  // A folder of the project replaces a package that checks code.
  {
    file: /(?:^|\/)package\.json$/,
    line: new RegExp(`"(?:${CHECKERS})"\\s*:\\s*"(?:file|link|portal):`),
    sign: '+',
  },
  // A patch changes a package that checks code.
  {
    file: /(?:^|\/)(?:package\.json|pnpm-workspace\.yaml)$/,
    line: /["']?(?:@(?:vitest|jest|playwright|testing-library|typescript-eslint)\/|(?:vitest|jest|mocha|ava|tap|jasmine|karma|typescript|eslint|chai|expect|cypress|playwright)\b)[^"':]{0,60}["']?\s*:\s*["']?[^"']{0,100}\bpatch(?:es\/|:)/,
    sign: '+',
  },
]
