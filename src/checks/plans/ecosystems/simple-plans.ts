import type { Folder } from '../../project.ts'
import type { EcosystemPlan } from '../plan.ts'

interface SimpleTool {
  readonly ecosystem: string
  /** Files by which the tool is recognised; the first existing one counts. `*` is any part of a name. */
  readonly files: readonly string[]
  readonly setup: readonly string[]
  readonly checks: readonly string[]
  /** Matches the paths of test files. Without `tests`, `says` and `within`, tests are assumed. */
  readonly tests?: RegExp
  /** Matches the first file's text if there are tests. A match of `tests` or `says` is enough. */
  readonly says?: RegExp
  /** Matches the first file's text if it is a manifest of this tool at all. */
  readonly is?: RegExp
  /** Manifests in the folder or below it. There are tests if at least one of them matches `says`. */
  readonly within?: { readonly files: RegExp; readonly says: RegExp }
}

/** Haskell's tools run the test suites that packages declare, and pass if there are none. */
const SUITES = {
  files: /(?:^|\/)(?:[^/]+\.cabal|package\.yaml)$/,
  says: /^(?:test-suite\b|tests:)/im,
} as const
const MOST_READ = 40

/**
 * Ecosystems that one file identifies and that always have the same commands. The first tool of an ecosystem with tests
 * counts. Package.swift, build.zig, mix.exs and the like are programs, so they are only searched for words.
 */
const TOOLS: readonly SimpleTool[] = [
  {
    ecosystem: 'Swift',
    files: ['Package.swift'],
    setup: [],
    checks: ['swift test'],
    // Without a test target, Xcode runs the files in `Tests`.
    says: /\btestTarget\b/,
  },
  {
    ecosystem: 'Zig',
    files: ['build.zig'],
    setup: [],
    checks: ['zig build test'],
    says: /\bstep\(\s{0,9}"test"/,
  },
  { ecosystem: 'Scala', files: ['build.mill', 'build.sc'], setup: [], checks: ['mill -i __.test'] },
  { ecosystem: 'Scala', files: ['build.sbt'], setup: [], checks: ['sbt test'] },
  { ecosystem: 'Haskell', files: ['stack.yaml'], setup: [], checks: ['stack test'], within: SUITES },
  {
    ecosystem: 'Haskell',
    files: ['cabal.project'],
    setup: ['cabal update'],
    checks: ['cabal test all'],
    within: SUITES,
  },
  {
    ecosystem: 'Haskell',
    files: ['*.cabal'],
    setup: ['cabal update'],
    checks: ['cabal test'],
    says: /^test-suite\b/im,
  },
  {
    ecosystem: 'OCaml',
    files: ['dune-project'],
    setup: ['opam install . --deps-only --with-test --yes'],
    checks: ['dune test'],
  },
  {
    ecosystem: 'Elixir',
    files: ['mix.exs'],
    setup: ['mix deps.get'],
    checks: ['mix test'],
    tests: /^(?:test|lib|integration_test)\/.*_test\.exs$/,
    says: /\bapps_path:/,
  },
  {
    ecosystem: 'Julia',
    files: ['Project.toml'],
    setup: [`julia --project -e 'using Pkg; Pkg.instantiate()'`],
    checks: [`julia --project -e 'using Pkg; Pkg.test()'`],
    tests: /^test\/runtests\.jl$/,
  },
  {
    ecosystem: 'R',
    files: ['DESCRIPTION'],
    is: /^Package:/m,
    setup: [`Rscript -e 'pak::local_install_dev_deps()'`],
    checks: [`Rscript -e 'devtools::test(stop_on_failure = TRUE)'`],
    tests: /^tests\/testthat(?:\/|\.R$)/,
  },
  {
    ecosystem: 'R',
    files: ['DESCRIPTION'],
    is: /^Package:/m,
    setup: [],
    checks: ['R CMD build . && R CMD check --no-manual *.tar.gz'],
    tests: /^tests\/.*\.R$/,
  },
  {
    ecosystem: 'Lua',
    files: ['*.rockspec'],
    setup: [],
    checks: ['busted'],
    // Files that are named like specs may be for a runner inside an editor.
    tests: /^\.busted$/,
    says: /\bbusted\b/,
  },
  {
    ecosystem: 'Nim',
    files: ['*.nimble'],
    setup: [],
    checks: ['nimble test'],
    // By default, nimble runs only files with these names.
    tests: /^tests\/t\w*\.nim$/,
    says: /^task test\b/m,
  },
  {
    ecosystem: 'Fortran',
    files: ['fpm.toml'],
    setup: [],
    checks: ['fpm test'],
    tests: /^test\/.*\.f(?:90)?$/i,
    says: /^\[\[test\]\]/m,
  },
  {
    ecosystem: 'D',
    files: ['dub.sdl', 'dub.json'],
    setup: [],
    checks: ['dub test'],
    tests: /^(?:source|src)\/.*\.d$/,
  },
  { ecosystem: 'V', files: ['v.mod'], setup: [], checks: ['v test .'], tests: /_test\.v$/ },
  {
    ecosystem: 'Crystal',
    files: ['shard.yml'],
    setup: ['shards install'],
    checks: ['crystal spec'],
    tests: /_spec\.cr$/,
  },
  {
    ecosystem: 'Gleam',
    files: ['gleam.toml'],
    setup: ['gleam deps download'],
    checks: ['gleam test'],
    tests: /_test\.gleam$/,
  },
  {
    ecosystem: 'Perl',
    files: ['dist.ini'],
    // That of OpenResty's packages has no sections.
    is: /^\[/m,
    setup: ['dzil authordeps --missing | cpanm', 'dzil listdeps --missing | cpanm'],
    checks: ['dzil test'],
    tests: /^t\/.*\.t$/,
  },
  {
    ecosystem: 'Perl',
    files: ['Build.PL', 'Makefile.PL', 'cpanfile'],
    setup: ['cpanm --installdeps --notest .'],
    checks: ['prove -lr t'],
    tests: /^t\/.*\.t$/,
  },
]

export async function simplePlans(folder: Folder): Promise<readonly EcosystemPlan[]> {
  const found: EcosystemPlan[] = []
  for (const tool of TOOLS) {
    const source = tool.files.flatMap((name) => sourceOf(folder, name))[0]
    const isKnown = found.some(({ ecosystem, checks }) => ecosystem === tool.ecosystem && checks.length > 0)
    if (source === undefined || isKnown) continue
    if (tool.is !== undefined && !tool.is.test((await folder.read(source)) ?? '')) continue
    const isTested = await hasTests(folder, tool, source)
    const others = found.findIndex(({ ecosystem }) => ecosystem === tool.ecosystem)
    // In folders, these manifests only list dependencies of documentation and tests.
    const isList = folder.name !== '' && /^(?:Julia|R)$/.test(tool.ecosystem)
    if ((others !== -1 || isList) && !isTested) continue
    if (others !== -1) found.splice(others, 1)
    const { ecosystem, setup, checks } = tool
    found.push({ ecosystem, source, setup, checks: isTested ? startedHere(folder, checks) : [] })
  }
  const wrapped = found.filter(
    ({ ecosystem }) => ecosystem !== 'Perl' || !folder.files.some((file) => file.endsWith('.xs')),
  )
  return [...wrapped, ...found.filter((plan) => !wrapped.includes(plan)).map(compiledPerl)]
}

function sourceOf(folder: Folder, name: string): readonly string[] {
  if (!name.startsWith('*')) return folder.has(name) ? [name] : []
  return folder.files.filter((file) => !file.includes('/') && file.endsWith(name.slice(1))).slice(0, 1)
}

async function hasTests(
  folder: Folder,
  { tests, says, within }: SimpleTool,
  source: string,
): Promise<boolean> {
  if (within !== undefined) {
    const files = folder.files.filter((file) => within.files.test(file))
    const texts = await Promise.all(files.slice(0, MOST_READ).map(folder.read))
    return files.length > MOST_READ || texts.some((text) => within.says.test(text ?? ''))
  }
  if (tests === undefined && says === undefined) return true
  if (tests !== undefined && folder.files.some((file) => tests.test(file))) return true
  return says?.test((await folder.read(source)) ?? '') ?? false
}

/** Prefers a starter in the repository, which downloads the version that the build needs. */
function startedHere(folder: Folder, checks: readonly string[]): readonly string[] {
  return checks.map((command) => {
    const [program = ''] = command.split(' ', 1)
    return folder.has(program) && /^(?:mill|sbt)$/.test(program) ? `./${command}` : command
  })
}

/** The plan of a Perl project with parts in C, which are compiled before the tests. */
function compiledPerl(plan: EcosystemPlan): EcosystemPlan {
  const build =
    plan.source === 'Build.PL'
      ? 'perl Build.PL && ./Build && ./Build test'
      : 'perl Makefile.PL && make && make test'
  return { ...plan, checks: plan.checks.length === 0 ? [] : [build] }
}
