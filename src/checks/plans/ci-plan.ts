import type { EcosystemPlan } from './plan.ts'
import type { CiLine } from './read-workflows.ts'

/** Commands that run tests, and the ecosystem whose they are. */
const TESTS: readonly (readonly [ecosystem: string, command: RegExp])[] = [
  [
    'JavaScript',
    /^(?:npm|pnpm|yarn|bun)(?: run)?(?: -[\w-]+)* (?:\w[\w.-]*:)?(?:test|check|lint|unit|typecheck)[\w:.-]*$/,
  ],
  ['JavaScript', /^npx (?:vitest run|jest|mocha|ava|tap)\b/],
  [
    'Python',
    /^(?:(?:uv|poetry|pipenv|pdm|hatch) run (?:--?[\w-]+ )*)?(?:python3? -m )?(?:pytest|unittest|tox|nox|stestr|trial)\b/,
  ],
  [
    'Python',
    /^(?:hatch test|(?:hatch|pdm) run [\w:.-]*test[\w:.-]*|python3? (?:[\w./-]*tests?[\w./-]*\.py|manage\.py test|setup\.py test))(?: |$)/,
  ],
  ['Go', /^(?:go test|gotestsum)\b/],
  ['Rust', /^cargo (?:\+\w+ )?(?:test|nextest run|hack test|xtask test)\b/],
  ['Maven', /^(?:\.\/mvnw|mvn) [\w .:=/-]*(?:test|verify)\b/],
  ['Gradle', /^(?:\.\/gradlew|gradle) [\w .:=/-]*(?:test|check|build)\b/],
  ['Ruby', /^(?:bundle exec )?(?:rake|rspec|(?:bin\/)?rails test|bin\/(?:rake|rspec))(?: |$)/],
  [
    'PHP',
    /^(?:php )?(?:\.\/)?vendor\/bin\/(?:simple-)?(?:phpunit|pest|phpspec)\b|^composer (?:run |run-script )?[\w:-]*test[\w:-]*$|^phpunit\b/,
  ],
  ['.NET', /^dotnet test\b/],
  ['Elixir', /^mix test\b/],
  ['Dart', /^(?:dart|flutter) test\b/],
  ['Swift', /^swift test\b/],
  ['Zig', /^zig build test\b/],
  ['Scala', /^(?:sbt|mill) [\w :/+.-]*test\b/i],
  ['Haskell', /^(?:stack|cabal) (?:v2-)?test\b/],
  ['OCaml', /^(?:opam exec -- )?dune (?:runtest|test|build @runtest)\b/],
  ['Erlang', /^rebar3 (?:eunit|ct)\b/],
  ['Clojure', /^(?:lein test|clojure -[MX]:[\w:]*test|bb test)\b/],
  ['Deno', /^deno (?:task )?test\b/],
  ['CMake', /^ctest\b/],
  ['Meson', /^meson test\b/],
  ['make', /^(?:make|gmake|ninja) (?:-[\w=]+ )*(?:test|check|tests|unittest|distcheck)(?: |$)/],
  [
    'CI',
    /^(?:just|task|bazel|bazelisk|buck2) test\b|^(?:prove|busted|bats|nimble test|crystal spec|gleam test|julia --project)\b|^\.\/[\w./-]*test[\w.-]*(?:\.sh)?(?: |$)/,
  ],
]

/** What comes before tests in the same job, once. */
const PREPARES =
  /^(?:autoreconf|\.\/(?:autogen|bootstrap|buildconf)(?:\.sh)?|\.\/configure|cmake (?!--build)|meson setup|opam install|cabal update|luarocks (?:install|make)|cpanm|pip3? install|python3? -m pip install|bundle install|shards install)\b/
/** … and each time, since the change is compiled by it. */
const BUILDS = /^(?:make|gmake|ninja|cmake --build|meson compile|cabal build|stack build|dune build)(?: |$)/

/** Commands of one folder that CI runs. */
const MOST_CHECKS = 2
const MOST_STEPS = 5

/** The ecosystem of a command that runs tests; undefined for others. */
function testedBy(command: string): string | undefined {
  const bare = command.replace(/^[A-Z_]\w*=\S* /, '')
  return TESTS.find(([, pattern]) => pattern.test(bare))?.[0]
}

/** The commands that CI tests a folder with, in one ecosystem. */
export function ciChecks(
  lines: readonly CiLine[],
  { folder, ecosystem }: { readonly folder: string; readonly ecosystem: string },
): readonly CiLine[] {
  const own = lines.filter((line) => line.folder === folder && testedBy(line.command) === ecosystem)
  return own
    .filter(({ command }, at) => own.findIndex((one) => one.command === command) === at)
    .slice(0, MOST_CHECKS)
}

/** Names of scripts of a package that CI runs as checks. */
export function ciScripts(lines: readonly CiLine[], folder: string): readonly string[] {
  return ciChecks(lines, { folder, ecosystem: 'JavaScript' }).flatMap(
    ({ command }) => /^(?:npm|pnpm|yarn|bun)(?: run)?(?: -[\w-]+)* ([\w:.-]+)$/.exec(command)?.[1] ?? [],
  )
}

/** Whether CI builds a folder before it tests it, in one job. */
export function ciBuildsFirst(lines: readonly CiLine[], folder: string): boolean {
  const own = lines.filter((line) => line.folder === folder)
  const build =
    /^(?:npm|pnpm|yarn|bun)(?: run)?(?: -[\w-]+)* build(?::\w+)?$|^(?:npx |pnpm |yarn )?(?:turbo(?: run)?|nx [\w-]+.*) ?build\b/
  return own.some(
    ({ command, job }, at) =>
      build.test(command) &&
      own.slice(at + 1).some((later) => later.job === job && testedBy(later.command) === 'JavaScript'),
  )
}

/** Folders that CI tests, in the order of the workflows, with the ecosystem of the first command that does. */
export function ciFolders(
  lines: readonly CiLine[],
): readonly { readonly folder: string; readonly ecosystem: string }[] {
  const found = new Map<string, string>()
  for (const { folder, command } of lines) {
    const ecosystem = testedBy(command)
    if (ecosystem !== undefined && !found.has(folder)) found.set(folder, ecosystem)
  }
  return [...found].map(([folder, ecosystem]) => ({ folder, ecosystem }))
}

/** How CI tests a folder for which no manifest says it: with what comes before that in the same job. */
export function ciPlan(lines: readonly CiLine[], folder: string): EcosystemPlan | undefined {
  const own = lines.filter((line) => line.folder === folder)
  const at = own.findIndex(({ command }) => testedBy(command) !== undefined)
  const test = own[at]
  if (test === undefined) return undefined
  const before = own.slice(0, at).filter(({ job }) => job === test.job)
  const prepares = before.filter(({ command }) => PREPARES.test(command)).slice(-MOST_STEPS)
  const builds = before.filter(({ command }) => BUILDS.test(command)).slice(-MOST_STEPS)
  return {
    ecosystem: 'CI',
    source: test.file,
    setup: prepares.map(({ command }) => command),
    checks: [[...builds, test].map(({ command }) => command).join(' && ')],
  }
}
