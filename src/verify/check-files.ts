import { CHECKER_IGNORES, CHECKER_SETTINGS, OVERLOOKED } from '../text/checker-settings.ts'

/** Vendored code of others, which may include the libraries that tests use. */
const VENDORED = /^(?:(?:[^/]+\/){0,3}vendor|third[_-]?party|3rd[_-]?party|extern(?:al)?s?|subprojects)\/./

/** Matches paths whose last names match one of the patterns. */
function named(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:^|/)(?:${pattern})$`).join('|'))
}

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'))
}

/** Files that runners, linters, package managers and build tools read by name and that decide which tests run and what fails. */
export const BY_NAME = anyOf(
  VENDORED,
  CHECKER_SETTINGS,
  CHECKER_IGNORES,
  OVERLOOKED,
  named(
    String.raw`(?:vite|vitest|jest|playwright|ava|karma|wdio|cypress|web-test-runner|rstest|testem|nightwatch|codecept|cucumber|stryker|tap)\.(?:config|conf)(?:\.\w+)*\.\w+`,
    String.raw`vitest\.(?:workspace|projects)\.\w+|\.mocharc\.\w+|\.taprc|\.c8rc\.json|\.nycrc(?:\.\w+)?|testem\.\w+|cucumber\.\w+|jasmine\.m?js(?:on)?|ember-cli-build\.\w+`,
    String.raw`[\w.-]*(?:global[-.]?setup|setup[-.]?(?:tests?|files?)|(?:jest|vitest|tests?)[-.]setup)\.[cm]?[jt]sx?`,
    String.raw`\.npmrc|\.yarnrc(?:\.yml)?|\.yarn/.+|\.pnp\.\w+(?:\.mjs)?|\.?pnpmfile\.[cm]?js|patches/.+\.patch|bunfig\.toml|deno\.jsonc?|import_?map\.json|turbo\.json|nx\.json|project\.json|lerna\.json|angular\.json|moon\.yml`,
    String.raw`babel\.config\.\w+|\.babelrc(?:\.\w+)?|\.swcrc|[tj]sconfig(?:\.[\w-]+)?\.json|(?:webpack|rollup|rspack|rsbuild|esbuild|craco|metro)\.config\.\w+|(?:gulpfile|[Gg]runtfile|[Jj]akefile)\.\w+`,
    String.raw`conftest\.py|\.?pytest\.ini|tox\.ini|noxfile\.py|\.?nose2?\.cfg|\.noserc|unittest\.cfg|\.?behave(?:\.ini|rc)|\.coveragerc|(?:site|user)customize\.py|[^/]+\.pth|tests?/__init__\.py`,
    String.raw`GNUmakefile|[Mm]akefile|[^/]+\.ma?k|\.?[Jj]ustfile|Taskfile\.ya?ml|Rakefile|[^/]+\.rake|magefile\.go|build\.xml|dodo\.py`,
    String.raw`build\.rs|rust-toolchain(?:\.toml)?|\.cargo/config(?:\.toml)?|\.?nextest\.toml|\.config/nextest\.toml|go\.work`,
    String.raw`\.mvn/.+|mvnw|gradlew|gradle/.+|gradle\.properties|settings\.gradle(?:\.kts)?|buildSrc/.+|project/[^/]+\.(?:sbt|scala|properties)|testng\.xml`,
    String.raw`[^/]*\.bazelrc|BUILD(?:\.bazel)?|WORKSPACE(?:\.bazel)?|MODULE\.bazel|[^/]+\.bzl|CTestCustom\.cmake|CTestConfig\.cmake|CMakePresets\.json`,
    String.raw`phpunit\.xml(?:\.dist)?|[Pp]est\.php|(?:phpspec|behat|codeception)\.ya?ml|tests?/bootstrap\.php`,
    String.raw`\.rspec|\.simplecov|(?:spec|rails|test)_helper\.rb|minitest/[^/]+_plugin\.rb|(?:lib|test|spec)/(?:minitest|rspec)(?:/.+)?\.rb|test_helper\.exs|config/test\.exs`,
    String.raw`[^/]+\.xctestplan|junit-platform\.properties|META-INF/services/.+|[^/]+\.runsettings|xunit\.runner\.json|[Dd]irectory\.[Bb]uild\.(?:props|targets)|global\.json|[Nn]u[Gg]et\.[Cc]onfig`,
    String.raw`\.size-limit\.\w+|lighthouserc\.\w+|dart_test\.yaml|tests\.edn|\.proverc|\.busted|foundry\.toml|hardhat\.config\.\w+|truffle-config\.\w+`,
    // CI may run formatters as checks, and their settings may exclude files.
    String.raw`\.prettier(?:ignore|rc(?:\.\w+)?)|prettier\.config\.\w+|dprint\.jsonc?|\.?rustfmt\.toml|\.php-cs-fixer(?:\.dist)?\.php|pint\.json|\.swiftformat|\.clang-format|\.scalafmt\.conf`,
    String.raw`(?:\.venv|venv|node_modules|\.turbo|\.nx|\.gradle)/.+`,
  ),
)

/** Classes of the project come before those of libraries, whatever their package. A project may be such a library itself. */
export const OF_RUNNERS = named(
  String.raw`org/(?:junit|testng|assertj|hamcrest|mockito|opentest4j|scalatest)/.+\.(?:java|kt|groovy|scala)`,
)

/** Lines with the same effect, in files that have much else. */
export const BY_LINE: readonly { readonly file: RegExp; readonly line: RegExp }[] = [
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
    line: /\b(?:pytest|tox|nox|hatch|addopts|testpaths|python_(?:files|classes|functions)|norecursedirs|pythonpath|usefixtures|asyncio_mode|xfail_strict|filterwarnings|mypy|ruff|pylint|ignore\w*|exclude|extend-\w+|per-file-ignores|disable\w*|strict)\b/,
  },
  {
    file: /(?:^|\/)Cargo\.toml$/,
    line: /\b(?:test|tests|harness|autotests|runner|doctest|patch|path|lints?|allow|overflow-checks|debug-assertions)\b/,
  },
  { file: /(?:^|\/)go\.mod$/, line: /\b(?:replace|toolchain|tool)\b/ },
  { file: /(?:^|\/)\.env(?:\.(?:test|ci|testing))?$/, line: /SKIP/i },
  { file: /_test\.go$/, line: /\bfunc\s+TestMain\s*\(/ },
  { file: /\.py$/, line: /\b(?:load_tests|TEST_RUNNER|pytest_plugins|pytest11|def\s+pytest_\w+)\b/ },
  {
    file: /(?:^|\/)(?:pom\.xml|[^/]+\.gradle(?:\.kts)?)$/,
    line: /skip|ignore|[Tt]est|surefire|failsafe|exclude|include|filter|jvmArg|argLine|systemProp|[wW]error|[aA]ssertions|failOn|[wW]arningsAsErrors|abortOnError|-Xep:/,
  },
  {
    file: /(?:^|\/)(?:mix\.exs|composer\.json|build\.sbt|Gemfile)$/,
    line: /test|alias|script|rspec|autoload|repositories|path|warnings.as.errors/i,
  },
  {
    file: /(?:^|\/)(?:CMakeLists\.txt|[^/]+\.cmake|meson\.build|configure\.ac|Makefile\.am|build\.zig|dune|Package\.swift|[^/]+\.cabal|package\.yaml|stack\.yaml|cabal\.project|deps\.edn|project\.clj|bb\.edn|[^/]+\.nimble|[^/]+\.[cf]sproj)$/,
    line: /test|should_fail|will_fail|disabled|exclude|runtest|add_executable|alias|werror|<Compile\s/i,
  },
  { file: /(?:^|\/)\.(?:editorconfig|globalconfig)$/, line: /\bdotnet_(?:analyzer_)?diagnostic\b|\bktlint_/ },
]

/** Files of `BY_NAME` that also decide what is built. */
export const OF_BUILDS = anyOf(
  VENDORED,
  named(
    String.raw`build\.rs|rust-toolchain(?:\.toml)?|vite\.config\.\w+|babel\.config\.\w+|\.babelrc(?:\.\w+)?|\.swcrc|[tj]sconfig(?:\.[\w-]+)?\.json|deno\.jsonc?|import_?map\.json|go\.work|gradle\.properties|settings\.gradle(?:\.kts)?|buildSrc/.+|[Dd]irectory\.[Bb]uild\.(?:props|targets)`,
    String.raw`(?:webpack|rollup|rspack|rsbuild|esbuild|craco|metro)\.config\.\w+|\.yarn/.+|\.pnp\.\w+(?:\.mjs)?|patches/.+\.patch|angular\.json|BUILD(?:\.bazel)?|WORKSPACE(?:\.bazel)?|MODULE\.bazel|[^/]+\.bzl|global\.json|[Nn]u[Gg]et\.[Cc]onfig|project/[^/]+\.(?:sbt|scala|properties)|build\.xml|foundry\.toml|hardhat\.config\.\w+`,
  ),
)
