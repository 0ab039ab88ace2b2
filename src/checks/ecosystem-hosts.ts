/** An ecosystem of packages, and the hosts that serve them. */
export interface Ecosystem {
  readonly name: string
  /** Names of files by which it is recognised; `*` is any part of a name. */
  readonly files: readonly string[]
  /** Registries, and the hosts to which they redirect downloads. */
  readonly hosts: readonly string[]
}

const MAVEN = ['repo.maven.apache.org', 'repo1.maven.org']
/** Android's libraries and tools, which many builds that have nothing to do with Android need; downloads are redirected. */
const GOOGLE_MAVEN = ['maven.google.com', 'dl.google.com']
/** GitHub serves the files of releases from other hosts. */
const GITHUB_RELEASES = [
  'github.com',
  'release-assets.githubusercontent.com',
  'objects.githubusercontent.com',
]

/**
 * The hosts that each ecosystem needs to install dependencies, without mirrors, hosts for uploads and web pages. Two
 * redirects lead to hosts that also serve files of strangers: Go's proxy and pub.dev use storage.googleapis.com, and
 * Gradle's distributions are releases on GitHub. Therefore a repository only gets the hosts of the ecosystems that it has.
 * https://docs.gradle.org/current/userguide/gradle_wrapper.html https://github.com/golang/go/issues/52908
 * https://hex.pm/docs https://getcomposer.org/doc/05-repositories.md https://learn.microsoft.com/nuget/api/overview
 */
export const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    name: 'JavaScript',
    files: ['package.json'],
    // nodejs.org has headers for packages that compile, repo.yarnpkg.com Yarn Berry, npm.jsr.io packages of JSR.
    hosts: ['registry.npmjs.org', 'registry.yarnpkg.com', 'repo.yarnpkg.com', 'nodejs.org', 'npm.jsr.io'],
  },
  {
    name: 'Deno',
    files: ['deno.json', 'deno.jsonc', 'deno.lock'],
    hosts: ['jsr.io', 'npm.jsr.io', 'deno.land', 'esm.sh', 'registry.npmjs.org'],
  },
  {
    name: 'Python',
    files: [
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
      'requirements*.txt',
      'Pipfile',
      'uv.lock',
      'poetry.lock',
      'tox.ini',
      '*.py',
    ],
    hosts: ['pypi.org', 'files.pythonhosted.org', 'pypi.python.org'],
  },
  {
    name: 'Conda',
    files: ['environment.yml', 'environment.yaml', 'pixi.toml'],
    hosts: ['conda.anaconda.org', 'repo.anaconda.com'],
  },
  {
    name: 'Rust',
    files: ['Cargo.toml', 'rust-toolchain', 'rust-toolchain.toml'],
    hosts: ['crates.io', 'index.crates.io', 'static.crates.io', 'static.rust-lang.org'],
  },
  {
    name: 'Go',
    files: ['go.mod', 'go.work'],
    hosts: ['proxy.golang.org', 'sum.golang.org', 'storage.googleapis.com'],
  },
  { name: 'Maven', files: ['pom.xml'], hosts: [...MAVEN, ...GOOGLE_MAVEN] },
  {
    name: 'Gradle',
    files: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts', 'gradlew'],
    hosts: [
      ...MAVEN,
      'plugins.gradle.org',
      'plugins-artifacts.gradle.org',
      'services.gradle.org',
      'downloads.gradle.org',
      ...GITHUB_RELEASES,
      ...GOOGLE_MAVEN,
    ],
  },
  {
    name: 'Scala',
    files: ['build.sbt', 'build.sc', 'build.mill'],
    hosts: [...MAVEN, 'repo.scala-sbt.org', 'repo.typesafe.com'],
  },
  { name: 'Clojure', files: ['project.clj', 'deps.edn'], hosts: [...MAVEN, 'repo.clojars.org'] },
  { name: 'Ruby', files: ['Gemfile', '*.gemspec'], hosts: ['rubygems.org', 'index.rubygems.org'] },
  {
    name: 'PHP',
    files: ['composer.json'],
    // Packages are archives of GitHub repositories.
    hosts: ['repo.packagist.org', 'packagist.org', 'api.github.com', 'codeload.github.com'],
  },
  {
    name: '.NET',
    files: ['*.sln', '*.slnx', '*.csproj', '*.fsproj', '*.vbproj', 'global.json', 'nuget.config'],
    hosts: ['api.nuget.org', 'www.nuget.org', 'builds.dotnet.microsoft.com'],
  },
  {
    name: 'Elixir and Erlang',
    files: ['mix.exs', 'rebar.config'],
    hosts: ['repo.hex.pm', 'builds.hex.pm', 'hex.pm'],
  },
  { name: 'Dart', files: ['pubspec.yaml'], hosts: ['pub.dev', 'storage.googleapis.com'] },
  {
    name: 'Swift',
    files: ['Package.swift'],
    hosts: ['github.com', 'codeload.github.com', ...GITHUB_RELEASES.slice(1)],
  },
  {
    name: 'Haskell',
    files: ['stack.yaml', 'cabal.project', '*.cabal'],
    hosts: ['hackage.haskell.org', 'downloads.haskell.org', 'www.stackage.org', 'casa.stackage.org'],
  },
  { name: 'OCaml', files: ['dune-project', '*.opam'], hosts: ['opam.ocaml.org'] },
  {
    name: 'Perl',
    files: ['cpanfile', 'Makefile.PL'],
    hosts: ['www.cpan.org', 'cpan.metacpan.org', 'fastapi.metacpan.org'],
  },
  { name: 'R', files: ['DESCRIPTION', 'renv.lock'], hosts: ['cloud.r-project.org', 'cran.r-project.org'] },
  { name: 'Julia', files: ['Project.toml'], hosts: ['pkg.julialang.org', '*.pkg.julialang.org'] },
  { name: 'Lua', files: ['*.rockspec'], hosts: ['luarocks.org'] },
  { name: 'Zig', files: ['build.zig'], hosts: ['ziglang.org'] },
  {
    name: 'Bazel',
    files: ['MODULE.bazel', 'WORKSPACE'],
    hosts: ['bcr.bazel.build', 'mirror.bazel.build', 'releases.bazel.build'],
  },
  { name: 'Terraform', files: ['*.tf'], hosts: ['registry.terraform.io', 'releases.hashicorp.com'] },
  { name: 'Conan', files: ['conanfile.txt', 'conanfile.py'], hosts: ['center2.conan.io'] },
]

const TELLING = new RegExp(
  `^(?:${ECOSYSTEMS.flatMap(({ files }) => files)
    .map((pattern) => pattern.replace(/[.+]/g, '\\$&').replace('*', '.*'))
    .join('|')})$`,
)

/** Whether a file's name identifies an ecosystem. One pattern for all, since a repository may have 100,000 other files. */
export function isEcosystemFile(path: string): boolean {
  return TELLING.test(path.slice(path.lastIndexOf('/') + 1))
}

/** The ecosystems of a project, by the names of its files in any folder. */
export function ecosystemsOf(files: Iterable<string>): readonly Ecosystem[] {
  const names = new Set<string>()
  for (const file of files) if (isEcosystemFile(file)) names.add(file.slice(file.lastIndexOf('/') + 1))
  return ECOSYSTEMS.filter((ecosystem) => ecosystem.files.some((pattern) => hasName(names, pattern)))
}

function hasName(names: ReadonlySet<string>, pattern: string): boolean {
  const star = pattern.indexOf('*')
  if (star === -1) return names.has(pattern)
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return [...names].some(
    (name) => name.length >= pattern.length - 1 && name.startsWith(start) && name.endsWith(end),
  )
}

const HOST =
  /^(?:\*\.)?(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i

/** True for `example.org`, or `*.example.org` for all names below it; false for addresses, ports and schemes. */
export function isHostPattern(text: string): boolean {
  return HOST.test(text)
}
