/**
 * Programs that plans start and that projects do not bring themselves. `readProject` looks for each of them. Programs that a
 * plan installs, such as pnpm by npx and poetry by pip, are not in the list.
 */
export const PROGRAMS =
  `npm node python3 go cargo mvn gradle java ruby bundle php composer dotnet mix rebar3 dart flutter swift zig sbt mill
  stack cabal ghc opam dune lein clojure bb prove perl cpanm dzil R Rscript julia terraform tofu busted luarocks nimble nim
  crystal shards gleam cmake ctest meson ninja make autoreconf bazel bazelisk just task deno conda pixi bats mage`.split(
    /\s+/,
  )
const KNOWN = new Set(PROGRAMS)

/** Programs that npm can start if they are missing, since their packages have the program itself. */
export const BY_NPM: ReadonlySet<string> = new Set(['deno'])

/** Programs that a run fetches if the sandbox has what they need. */
const FETCHED: Readonly<Record<string, string>> = { mvn: 'java' }

/** The known programs that the commands start and that are not among the tools, such as `swift`, each once. */
export function missingPrograms(commands: readonly string[], tools: ReadonlySet<string>): readonly string[] {
  const programs = commands.flatMap((command) => command.split(' && ').flatMap(programOf))
  const isThere = (program: string) =>
    tools.has(program) ||
    (BY_NPM.has(program) && tools.has('npm')) ||
    (Object.hasOwn(FETCHED, program) && tools.has(FETCHED[program] ?? ''))
  return [...new Set(programs)].filter((program) => !isThere(program))
}

function programOf(command: string): readonly string[] {
  const words = command.trim().split(' ')
  const program = words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? ''
  return KNOWN.has(program) ? [program] : []
}
