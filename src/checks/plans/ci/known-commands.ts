import { memberScript } from './member-script.ts'

/** The purpose of a command, as far as checks are concerned. */
export type CommandRole = 'test' | 'lint' | 'build' | 'install'

export interface KnownCommand {
  /** The ecosystem of its tool: `Python`, `make`; `CI` for tools that belong to no language. */
  readonly ecosystem: string
  readonly role: CommandRole
}

const TESTED = 'tests?|check|unit|unittests?|specs?|ci|verify|validate|coverage|cover|jest|vitest|mocha'
const LINTED = 'lint|typecheck|type-check|types?|tsc|format|fmt|prettier|biome|eslint|style|knip'
const BUILT =
  '(?:(?:packages?|libs?|all|release):build|(?:build|compile|bundle|esbuild|rollup|webpack|tsup)(?::[\\w:.-]+|-(?!docs?|site|website|storybook|docker|release|prod|and-)[\\w:.-]+)?)'
const RUN = '(?:npm|pnpm|yarn|bun)(?: run| run-script)?(?: -[\\w-]+)*'

const KNOWN: readonly (readonly [ecosystem: string, role: CommandRole, command: RegExp])[] = [
  [
    'JavaScript',
    'install',
    /^(?:npm (?:ci|i|install|clean-install)|pnpm (?:i|install)|yarn(?: install)?|bun (?:i|install))(?: -|$)/,
  ],
  [
    'JavaScript',
    'test',
    new RegExp(`^${RUN} (?:[\\w.-]+:)*(?:t|${TESTED})(?:[:._-][\\w:.-]+|[A-Z]\\w*)?(?: |$)`),
  ],
  ['JavaScript', 'test', new RegExp(`^${RUN} (?:\\w+-){1,4}tests(?: |$)`)],
  ['JavaScript', 'lint', new RegExp(`^${RUN} (?:[\\w.-]+:)*(?:${LINTED})(?:[:_-][\\w:.-]+)?(?: |$)`)],
  ['JavaScript', 'build', new RegExp(`^${RUN} ${BUILT}(?: |$)`)],
  [
    'JavaScript',
    'test',
    /^(?:(?:npx|pnpm|yarn|bunx)(?: exec| dlx| --[\w-]+)* )?(?:vitest(?: run)?|jest|mocha|ava|tap|c8|nyc|turbo(?: run)? (?:[\w:-]+ )*test|nx (?:run-many|affected|test)|lerna run test|vp test)(?: |$)/,
  ],
  [
    'JavaScript',
    'test',
    /^(?:(?:npx|pnpm|yarn|bunx)(?: exec| dlx| --[\w-]+)* )?(?:gulp|grunt) (?:[\w:-]+ )*[\w:-]*(?:test|unit)[\w:-]*(?: |$)/,
  ],
  ['JavaScript', 'test', /^(?:node --test|bun test|npx tree-sitter test)(?: |$)/],
  ['JavaScript', 'build', /^node (?:\.\/)?(?:[\w.-]+\/)*(?:build|compile|bundle)[\w-]*\.[cm]?[jt]s(?: |$)/],
  ['JavaScript', 'build', /^(?:npx |pnpm |yarn )?(?:turbo(?: run)?|nx [\w-]+.*) ?build\b/],
  [
    'Python',
    'install',
    /^(?:python3? -m )?(?:uv )?pip3? install |^(?:uv sync|poetry install|pdm (?:install|sync)|pipenv (?:install|sync))(?: |$)/,
  ],
  [
    'Python',
    'test',
    /^(?:(?:uv|poetry|pipenv|pdm|hatch|rye|pixi) run (?:--?[\w-]+ )*(?:-e [\w.-]+ )?|(?:uvx|uv tool run|pipx run) (?:--?[\w-]+(?:[= ][\w.-]+)? ){0,4})?(?:coverage run (?:--?[\w=./-]+ )*(?:-m )?)?(?:python3? (?:-[WX] \S+ |-[WXbB]\S* |-\w{1,6} )*-m )?(?:pytest|py\.test|unittest|tox|nox|stestr|(?:twisted\.)?trial|nose2|zope-testrunner|slipcover|coverage run)(?: |$)/,
  ],
  [
    'Python',
    'test',
    /^(?:(?:uv|poetry|pipenv|pdm|hatch|rye) (?:run )?(?:--?[\w-]+ )*)?(?:tests?|hatch test|(?:hatch|pdm|pixi|rye) (?:run )?(?:\+[\w.=-]+ )*[\w.:-]*(?:test|cov)[\w:.-]*|(?:python3? |\.\/|(?=[\w-]+\/[\w./-]*run_?tests?\.py))[\w./-]*(?<!build[-_]?)(?:runtests?|run_tests?|tests?|alltests|(?:^|(?<=[ /]))u?tests?\/run)\.py|(?:python3? )?(?:\.\/)?[\w/]*manage\.py test|python3? setup\.py (?:test|pytest))(?: |$)/,
  ],
  [
    'Python',
    'test',
    /^python3? (?:-m (?:\w+\.)+tests?\.run_?tests|(?:\.\/)?(?:[\w.-]+\/)+run[-_](?:\w{1,20}[-_])?tests?)(?: |$)/,
  ],
  ['Python', 'test', /^(?:invoke|inv) (?:ci[-.])?(?:unit[-.]?)?tests?(?:[-.][\w.-]+)?(?: |$)/],
  [
    'Python',
    'lint',
    /^(?:(?:uv|poetry|pipenv|pdm|hatch) run (?:--?[\w-]+ )*)?(?:python3? -m )?(?:ruff (?:check|format)|black|isort|flake8|mypy|pyright|pylint)(?: |$)/,
  ],
  ['Go', 'test', /^(?:go test|gotestsum)(?: |$)/],
  ['Go', 'lint', /^go vet(?: |$)/],
  ['Go', 'build', /^go (?:build|generate)(?: |$)/],
  [
    'Rust',
    'test',
    /^cargo (?:\+[\w.-]+ )?(?:test|t|nextest run|xtask (?:run-)?(?:tests?|ci)|run (?:-q |--quiet )?(?:-p|--package|--bin)[ =](?:ci|xtasks?|dev-?tools?|build-?tools?) -- (?:tests?|ci)|llvm-cov(?! (?:clean|report|show-env)\b)(?: nextest| test)?|hack (?:\S+ )*test)(?: |$)/,
  ],
  ['Rust', 'lint', /^cargo (?:fmt|clippy)(?: |$)/],
  ['Rust', 'build', /^cargo (?:build|check)(?: |$)/],
  ['Maven', 'test', /^(?:\.\/mvnw|mvnw|mvn) (?:\S+ )*(?:test|verify|package|install)(?: |$)/],
  [
    'Gradle',
    'test',
    /^(?:\.\/gradlew|gradlew|gradle) (?:\S+ )*(?:[\w:-]*[tT]est|[\w:-]*[cC]heck|build)(?: |$)/,
  ],
  ['Ant', 'test', /^ant (?:-\S+ )*test[\w.-]*$/],
  ['Ruby', 'install', /^bundle install(?: |$)|^bundle$/],
  [
    'Ruby',
    'test',
    /^(?:bundle exec )?(?:(?:bin\/)?(?:parallel_)?rspec|(?:bin\/)?rails test|minitest|m|cucumber|(?:bin\/)?rake(?: -\S+)*(?:(?: [\w:]+){0,3} (?:\w+:)*(?:tests?|specs?|default|ci|check|parallel)(?::\w+)*)?$)(?: |$)/,
  ],
  ['Ruby', 'test', /^(?:bundle exec )?thor (?:\w+:)*(?:tests?|specs?)(?::\w+)*(?: |$)/],
  ['Ruby', 'build', /^(?:bundle exec )?(?:bin\/)?rake compile(?: |$)/],
  ['Ruby', 'lint', /^(?:bundle exec )?(?:bin\/)?(?:rubocop|standardrb)(?: |$)/],
  ['PHP', 'install', /^composer (?:install|update|u|i)(?: |$)/],
  [
    'PHP',
    'test',
    /^(?:php (?:-\S+ )*)?(?:\.\/)?(?:vendor\/bin\/|bin\/)?(?:simple-)?(?:phpunit|pest|phpspec|codecept run|atoum|tester)(?: |$)|^composer (?:run |run-script )?(?:(?:run-)?tests?|phpunit|pest|(?:test-)?unit|unit-?tests?|check|ci)(?:[:-](?:unit|units|ci|all|phpunit|php|pest))?(?: |$)|^php artisan test\b|^php (?:-\S+ )*(?:\.\/)?tests?\/(?:index|all|(?:run|all)[-_]?tests?|run)\.php(?: |$)/,
  ],
  ['PHP', 'lint', /^(?:\.\/)?vendor\/bin\/(?:phpstan|php-cs-fixer|phpcs|psalm|pint)(?: |$)/],
  ['.NET', 'test', /^dotnet test(?: |$)/],
  ['.NET', 'build', /^dotnet build(?: |$)/],
  ['Elixir', 'install', /^mix deps\.get(?: |$)/],
  ['Elixir', 'test', /^mix (?:test(?:\.all)?|coveralls|ci|check)(?: |$)/],
  ['Elixir', 'lint', /^mix (?:format|credo)(?: |$)/],
  ['Erlang', 'test', /^(?:\.\/)?rebar3 (?:as \w+ )?(?:do )?\S*(?:eunit|ct|proper)(?: |,|$)/],
  ['Dart', 'install', /^(?:dart|flutter) pub get(?: |$)/],
  [
    'Dart',
    'test',
    /^(?:(?:dart|flutter) test|(?:dart run|(?:dart )?pub run) test|(?:dart pub (?:global )?run )?melos (?:run )?[\w:-]*test[\w:-]*)(?: |$)/,
  ],
  ['Dart', 'build', /^(?:dart|flutter) (?:pub )?run build_runner build(?: |$)/],
  ['Dart', 'lint', /^(?:dart|flutter) (?:analyze|format)(?: |$)/],
  ['Swift', 'test', /^swift test(?: |$)/],
  ['Swift', 'build', /^swift build(?: |$)/],
  ['Zig', 'build', /^zig build$/],
  ['Zig', 'test', /^zig (?:build (?:\S+ )*test|test)(?:[\w-]*)(?: |$)/],
  [
    'Scala',
    'test',
    /^(?:sbt|\.\/sbt|sbtn) (?:\S+ )*["']?[\w :/+.;*-]*(?:test|ci|validate)\w*["']?|^(?:\.\/)?millw? (?:\S+ )*[\w.:_]*test(?: |$)/i,
  ],
  ['Haskell', 'test', /^(?:(?:stack|cabal) (?:\S+ )*(?:v2-|new-)?test)(?: |$)/],
  ['Haskell', 'build', /^(?:(?:stack|cabal) (?:v2-|new-)?build)(?: |$)/],
  [
    'OCaml',
    'test',
    /^(?:opam exec -- )?dune (?:runtest|test|build (?:\S+ )*@(?:\w+\/)*runtest)(?: |$)|^opam exec -- make tests?$/,
  ],
  [
    'Clojure',
    'test',
    /^(?:lein (?:\S+ )*(?:test[\w-]*|midje|kaocha)|clojure? -[MXT]:?(?![\w:.-]*build)[\w:.-]*(?:test|kaocha)[\w:.-]*|clojure? -X[\w:.-]* [\w.-]+\/[\w-]*test[\w-]*|clj -[MXT]:[\w:-]*test[\w:-]*|bb (?:run )?[\w:-]*test[\w:-]*|(?:\.\/)?bin\/kaocha)(?! (?:compile|release|watch) )(?: |$)/,
  ],
  ['Deno', 'test', /^deno (?:(?:task|run) )?(?:-\S+ )*[\w:-]*test[\w:-]*(?: |$)/],
  ['Deno', 'build', /^deno task (?:build|compile|codegen|generate)(?:[:-][\w-]+)?$/],
  ['Deno', 'lint', /^deno (?:lint|fmt|check|task (?:lint|check|fmt\S*))(?: |$)/],
  ['Perl', 'test', /^(?:prove|dzil test|\.\/Build test|perl Build test|yath(?: test)?)(?: |$)/],
  ['Perl', 'install', /^(?:cpanm|cpm install|dzil listdeps|carton install)(?: |$)/],
  [
    'R',
    'test',
    /^(?:R CMD check|Rscript (?:\S+ )*.*(?:rcmdcheck|devtools::(?:test|check)|testthat|test_local))/,
  ],
  ['Julia', 'test', /^julia (?:\S+ )*.*(?:Pkg\.test|runtests\.jl)/],
  ['Terraform', 'test', /^(?:terraform|tofu) (?:-chdir=\S+ )?(?:validate|test|fmt (?:\S+ )*-check)(?: |$)/],
  ['Lua', 'test', /^(?:busted|lua \S*tests?\S*\.lua|luarocks test|vusted)(?: |$)/],
  ['D', 'test', /^dub (?:\S+ )*test(?: |$)/],
  ['V', 'test', /^v (?:-\S+ )*test(?: |$)/],
  ['Fortran', 'test', /^fpm test(?: |$)/],
  ['Nim', 'test', /^(?:nimble (?:-\w )?test|testament|nim (?:c|r) (?:\S+ )*tests?\/)/],
  ['Crystal', 'test', /^(?:\.\/bin\/)?crystal spec(?: |$)/],
  ['Crystal', 'install', /^shards install/],
  ['Gleam', 'test', /^gleam test(?: |$)/],
  ['Bazel', 'test', /^(?:bazel|bazelisk|\.\/bazel\w*|buck2) (?:\S+ )*test(?: |$)/],
  [
    'CMake',
    'test',
    /^ctest(?: |$)|^cmake --build (?:\S+ )*(?:--target|-t)[ =](?:(?:(?:run|unit|all)[-_]?|py|cpp)?tests?|check(?:-all)?)(?: |$)/,
  ],
  ['CMake', 'build', /^cmake --build(?: |$)/],
  ['Meson', 'test', /^meson test(?: |$)/],
  [
    'make',
    'test',
    /^(?:make|gmake|ninja) (?:\S+ )*(?:test|check|tests|unittest|unit-test|test-unit|unit|distcheck|test-all|all-tests?|check-all|ci|(?:py|js)[-_]?tests?|(?:\w{1,30}[-_])?run[-_]tests|runtests|testall|test_all)(?: |$)/,
  ],
  ['make', 'lint', /^make (?:\S+ )*(?:lint|fmt-check|format-check)(?: |$)/],
  ['make', 'build', /^(?:make|gmake|ninja)(?: |$)/],
  [
    'CI',
    'test',
    /^(?:just|task|mask|mage|earthly|moon run) (?:\S+ )*[\w:+-]*(?:test|check|ci)[\w:-]*(?: |$)/,
  ],
  // Targets of Nuke and Cake.
  ['.NET', 'test', /^(?:\.\/)?build(?:\.sh)? (?:(?:--target|-t|--task)[= ])?\w*[tT]ests?(?: |$)/],
  // A program that the build has produced.
  [
    'CI',
    'test',
    /^\.\/(?:(?:_?build|bld|out|bin)[\w-]{0,40}\/(?:[\w.-]{1,40}\/){0,3}[\w-]{0,60}?|\w*)(?:unit_?)?tests?(?: |$)/,
  ],
  [
    'CI',
    'test',
    /^(?:(?:[\w.-]+\/){0,4}bats\/bin\/bats|bats|shellspec|shunit2|bashunit|roundup)(?! -[vh]$)(?: |$)/,
  ],
  ['CI', 'test', /^(?:(?:bash|sh) )?(?:\.\/)?tests?\/run(?:\.sh)?(?: |$)/],
  [
    'CI',
    'test',
    /^(?:(?:bash|sh|zsh) )?(?:\.\/)?(?:[\w.-]+\/)*(?:run[-_]?)?tests?(?:[-_](?:all|unit|suite))?(?:\.sh|\.bash)?(?: |$)/,
  ],
  [
    'CI',
    'test',
    /^(?:(?:bash|sh) )?(?:\.\/)?(?:[\w.-]+\/)*(?:run[-_]?(?:unit[-_]?)?tests?|tests?|all-tests|tests?[-_]?(?:suite|runner)|runtest[\w-]*|check)(?:\.sh|\.bash|\.pl|\.tcl)?(?: |$)/,
  ],
]

/** The role of a member's script, by its name. */
const ROLES: readonly (readonly [role: CommandRole, name: RegExp])[] = [
  ['test', new RegExp(`^(?:[\\w.-]+:)*(?:${TESTED})(?:[:._-][\\w:.-]+)?$`)],
  ['lint', new RegExp(`^(?:[\\w.-]+:)*(?:${LINTED})(?:[:_-][\\w:.-]+)?$`)],
  ['build', new RegExp(`^${BUILT}$`)],
]

const MOST_LETTERS = 1000

/** Options with which a tool does not test, but prints, prepares or rewrites expected results. */
const NO_TEST =
  /^(?:--(?:version|help|notest|list|list-(?!dependencies$)[\w-]+|listTests|collect-only|co|showConfig|clear-?[cC]ache|warm-coverage-cache|check-version|check-php-configuration|migrate-configuration|generate-(?:configuration|baseline)|no-run|build-and-test|update-?[sS]napshots?|snapshot-update|update-baseline))(?:=|$)/
/** A Python test runner that a manager starts, whose options may have values in the next word. */
const IN_ENVIRONMENT =
  /^(?:uv|poetry|pdm|pipenv|rye) run (?:--?[\w-]+(?:=\S+)? (?:[\w.][\w.-]* )?){1,12}?((?:hatch|tox|nox|pytest)(?: .*)?)$/
const SNAPSHOTS = /(?:^| )(?:jest|vitest|ava)(?: |$)/

/** The ecosystem and role of a plain command; undefined if it is unknown or only looks like a known one. */
export function knownCommand(words: readonly string[]): KnownCommand | undefined {
  const text = words.join(' ')
  // Longer than honest lines of CI.
  if (text.length > MOST_LETTERS) return undefined
  // With an empty `TESTS=`, make only builds the tests, for another machine.
  if (words.includes('TESTS=')) return undefined
  // A program that only prepares, in the environment of the tests.
  if (/^tox exec (?:\S+ ){0,6}-- python3? \S+\.py\b/.test(text)) return undefined
  // `phpunit install` of simple-phpunit only installs PHPUnit.
  if (/\bphpunit install$/.test(text)) return undefined
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  if (own.slice(1).some((word) => NO_TEST.test(word))) return undefined
  if (SNAPSHOTS.test(text) && words.includes('-u')) return undefined
  const member = memberScript(words)
  if (member !== undefined) {
    const roles = member.isProgram ? [] : ROLES
    const isRunner = member.isProgram && /^(?:vitest|jest|mocha|ava|tap)$/.test(member.name)
    const role = isRunner ? 'test' : roles.find(([, pattern]) => pattern.test(member.name))?.[0]
    return role === undefined ? undefined : { ecosystem: 'JavaScript', role }
  }
  const inner = IN_ENVIRONMENT.exec(text)?.[1] ?? text
  const found = KNOWN.find(([, , pattern]) => pattern.test(inner))
  return found === undefined ? undefined : { ecosystem: found[0], role: found[1] }
}
