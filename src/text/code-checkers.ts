import { commandName, startOfProgram } from './start-of-program.ts'

/**
 * Programs that read code and produce nothing that tests need: linters, formatters, and checkers of types and packages.
 */
const PROGRAMS = new Set(
  [
    'eslint xo standard semistandard ts-standard tslint oxlint jshint jscs biome prettier dprint oxfmt stylelint textlint',
    'markdownlint markdownlint-cli markdownlint-cli2 remark commitlint lockfile-lint ls-lint editorconfig-checker ec cspell',
    'publint attw knip depcheck dtslint tsd flow svelte-check sort-package-json madge dependency-cruiser depcruise',
    'ruff black isort flake8 mypy pyright basedpyright pylint pyflakes pycodestyle pydocstyle bandit vulture codespell ty',
    'golint gofmt gofumpt goimports golangci-lint staticcheck govulncheck rustfmt taplo typos',
    'phpcs php-cs-fixer phpstan psalm pint rubocop standardrb brakeman ktlint detekt hlint fourmolu ormolu stylua selene luacheck',
    'clang-format clang-tidy cppcheck cpplint cmake-format shellcheck shfmt hadolint actionlint zizmor yamllint yamlfmt',
  ].flatMap((line) => line.split(' ')),
)
/** Programs that do so only with a certain subcommand. */
const PAIRS =
  /^(?:astro check|vue-tsc --noEmit|cargo (?:clippy|fmt|deny|audit)|go (?:vet|fmt)|deno (?:lint|fmt|check)|dart (?:analyze|format)|flutter analyze|dotnet format|mix (?:format|credo|dialyzer)|(?:terraform|tofu) fmt|zig fmt|gleam format|npm audit|pnpm audit|yarn audit|pip-audit|nix fmt)(?: |$)/
/** A compiler that is called so that it writes nothing. */
const WRITES_NOTHING = /^(?:tsc|vue-tsc|tsgo)(?: .*)? ?--noEmit\b/
/** Names of scripts, targets, sessions and tasks that say what they do: `lint:js`, `type-check`, `test:types`. */
const KINDS =
  'lint(?:ing|er|ers|s)?|eslint|standard|prettier|format(?:ting)?|fmt|type-?checks?|check-types|check:types|mypy|spell(?:check)?|style|clippy|flake8|rubocop|knip'
const NAMED = new RegExp(
  String.raw`^(?:(?:${KINDS})(?:[:_-][\w:.-]+)?|(?:check|tests?|ci|verify|validate)[:_-](?:types|${KINDS})|[\w.-]+:(?:lint|eslint|fmt|format|prettier))$`,
)
/** Programs that run the script or target that is named after them. */
const RUNS_NAMED =
  /^(?:(?:npm|pnpm|yarn|bun|composer|deno|turbo|nx|lerna|just|make|task|rake|invoke|inv|poe|hatch|tox|nox|mise)(?: (?:run|run-script|task|exec|workspaces|foreach|-\w|--[\w-]+))*) ([\w:.@/-]+)/

/**
 * Whether a command only reads code: a linter, a formatter, a type checker, or a script with such a name. If `&&` or
 * `;` joins several commands, all of them must be like that.
 */
export function looksOnly(command: string): boolean {
  const steps = stepsOf(command)
  return steps.length > 0 && steps.every(looksOnlyOnce)
}

const TESTS =
  /\b(?:tests?|specs?|pytest|unittest|jest|vitest|mocha|ava|tap|rspec|phpunit|pest|tox|nox|ctest|prove|nextest|junit|e2e|npm t|make check|(?:gradlew? (?:\S{1,60} ){0,9}(?:check|build)|mvnw? (?:\S{1,60} ){0,9}(?:verify|package|install)))\b/i
/** Options with which Maven and Gradle run no tests. */
const SKIPS = /\s-D(?:skipTests|maven\.test\.skip)\b|\s-x test\b/

/** Whether a command runs tests, judging by its words. A linter of tests does not, and neither does a compiler. */
export function runsTests(command: string): boolean {
  return stepsOf(command).some(
    (step) =>
      TESTS.test(step) &&
      !SKIPS.test(step) &&
      !looksOnlyOnce(step) &&
      !/^(?:tsc|vue-tsc|tsgo)\b/.test(ownPart(step)),
  )
}

function looksOnlyOnce(step: string): boolean {
  const own = ownPart(step)
  const named = RUNS_NAMED.exec(step)?.[1]
  return (
    PROGRAMS.has(commandName(own.split(' ', 1)[0] ?? '')) ||
    PAIRS.test(own) ||
    WRITES_NOTHING.test(own) ||
    (named !== undefined && NAMED.test(named))
  )
}

/** The command without what only starts the program: `npx`, `uv run`, `yarn run`. */
function ownPart(step: string): string {
  const words = step.split(' ')
  const own = words.slice(startOfProgram(words))
  const isYarn = own[0] === 'yarn' || own[0] === 'pnpm'
  return own.slice(isYarn ? (own[1] === 'run' ? 2 : 1) : 0).join(' ')
}

/** The commands that are joined, without those that only change the folder. */
function stepsOf(command: string): readonly string[] {
  return command
    .split(/&&|\|\||[;\n]/)
    .map((step) => step.replace(/\s+/g, ' ').trim())
    .filter((step) => step !== '' && !step.startsWith('cd '))
}
