import type { Folder } from '../project.ts'
import type { EcosystemPlan } from './plan.ts'

interface ByFile {
  readonly ecosystem: string
  readonly files: readonly string[]
  readonly setup: readonly string[]
  readonly checks: readonly string[]
}

/** Ecosystems that one file gives away, always with the same commands. */
const BY_FILE: readonly ByFile[] = [
  { ecosystem: 'Go', files: ['go.mod'], setup: ['go mod download'], checks: ['go test ./...'] },
  { ecosystem: 'Swift', files: ['Package.swift'], setup: [], checks: ['swift test'] },
  { ecosystem: 'Zig', files: ['build.zig'], setup: [], checks: ['zig build test'] },
  { ecosystem: 'Scala', files: ['build.sbt'], setup: [], checks: ['sbt test'] },
  { ecosystem: 'Haskell', files: ['stack.yaml'], setup: [], checks: ['stack test'] },
  { ecosystem: 'Haskell', files: ['cabal.project'], setup: [], checks: ['cabal test all'] },
  { ecosystem: 'OCaml', files: ['dune-project'], setup: [], checks: ['dune test'] },
  { ecosystem: 'Erlang', files: ['rebar.config'], setup: [], checks: ['rebar3 eunit'] },
  { ecosystem: 'Clojure', files: ['project.clj'], setup: [], checks: ['lein test'] },
  { ecosystem: 'Elixir', files: ['mix.exs'], setup: ['mix deps.get'], checks: ['mix test'] },
]

export async function otherPlans(folder: Folder): Promise<readonly EcosystemPlan[]> {
  const simple = BY_FILE.flatMap(({ files, ...commands }) => {
    const source = files.find(folder.has)
    return source === undefined ? [] : [{ source, ...commands }]
  })
  const others = await Promise.all([
    cargoPlan(folder),
    javaPlan(folder),
    rubyPlan(folder),
    phpPlan(folder),
    dotnetPlan(folder),
    denoPlan(folder),
    dartPlan(folder),
  ])
  return [...simple, ...others.filter((plan) => plan !== undefined)]
}

/** If the root of a workspace is a package too, cargo tests only that package without `--workspace`. */
async function cargoPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const manifest = await folder.read('Cargo.toml')
  if (manifest === undefined) return undefined
  const all = /^[ \t]*\[workspace[\].]/m.test(manifest) ? ' --workspace' : ''
  return { ecosystem: 'Rust', source: 'Cargo.toml', setup: ['cargo fetch'], checks: [`cargo test${all}`] }
}

/** The repository's own wrapper wins: it downloads the version that the build was written for. */
function javaPlan(folder: Folder): EcosystemPlan | undefined {
  const plan = jvmPlan(folder)
  const hasTests =
    folder.name === '' || folder.files.some((file) => /(?:Tests?|Spec)\.(?:java|kt|groovy)$/.test(file))
  return plan && { ...plan, checks: hasTests ? plan.checks : [] }
}

function jvmPlan(folder: Folder): EcosystemPlan | undefined {
  if (folder.has('pom.xml')) {
    const maven = folder.has('mvnw') ? 'sh ./mvnw' : 'mvn'
    return {
      ecosystem: 'Maven',
      source: 'pom.xml',
      setup: [],
      checks: [`${maven} --batch-mode --no-transfer-progress test`],
    }
  }
  const source = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'].find(
    folder.has,
  )
  if (source === undefined) return undefined
  const gradle = folder.has('gradlew') ? 'sh ./gradlew' : 'gradle'
  return { ecosystem: 'Gradle', source, setup: [], checks: [`${gradle} --no-daemon --console=plain test`] }
}

async function rubyPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const gemfile = await folder.read('Gemfile')
  if (gemfile === undefined) return undefined
  const rakefile = (await folder.read('Rakefile')) ?? ''
  const usesRspec = folder.has('.rspec') || folder.files.some((file) => file.startsWith('spec/'))
  const check = usesRspec ? ['bundle exec rspec'] : /test/i.test(rakefile) ? ['bundle exec rake test'] : []
  return { ecosystem: 'Ruby', source: 'Gemfile', setup: ['bundle install'], checks: check }
}

async function phpPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const composer = await folder.read('composer.json')
  if (composer === undefined) return undefined
  const usesPhpunit = folder.has('phpunit.xml') || folder.has('phpunit.xml.dist')
  const check = hasEntry(composer, 'scripts', 'test')
    ? ['composer test']
    : usesPhpunit
      ? ['vendor/bin/phpunit']
      : []
  return {
    ecosystem: 'PHP',
    source: 'composer.json',
    setup: ['composer install --no-interaction --no-progress'],
    checks: check,
  }
}

/** A project alone is tested if it is one of tests: others have none, and would pass. */
async function dotnetPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const [ecosystem, setup] = ['.NET', ['dotnet restore']] as const
  const solution = folder.files.find((file) => /^[^/]+\.slnx?$/.test(file))
  if (solution !== undefined) return { ecosystem, source: solution, setup, checks: ['dotnet test'] }
  const source = folder.files.find((file) => /^[^/]+\.(?:cs|fs)proj$/.test(file))
  if (source === undefined) return undefined
  const hasTests = /Microsoft\.NET\.Test\.Sdk|xunit|NUnit|MSTest/i.test((await folder.read(source)) ?? '')
  const isRoot = folder.name === ''
  return { ecosystem, source, setup, checks: hasTests || isRoot ? ['dotnet test'] : [] }
}

async function dartPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('pubspec.yaml')
  if (text === undefined) return undefined
  const program = /^\s+sdk:\s*flutter\b/m.test(text) ? 'flutter' : 'dart'
  const hasTests = folder.files.some((file) => /^test\/.*_test\.dart$/.test(file))
  return {
    ecosystem: 'Dart',
    source: 'pubspec.yaml',
    setup: [`${program} pub get`],
    checks: hasTests ? [`${program} test`] : [],
  }
}

/** C and C++ where nothing else has checks; what is built goes into a folder that the repository does not have. */
export async function nativePlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const build = folder.files.some((file) => file.startsWith('build/')) ? 'build-tests' : 'build'
  const cmake = await folder.read('CMakeLists.txt')
  if (cmake !== undefined) {
    const hasTests = /\b(?:enable_testing|add_test|include\s*\(\s*CTest)\b/i.test(cmake)
    const compile = [`cmake -S . -B ${build}`, `cmake --build ${build} --parallel 4`]
    if (!hasTests && folder.name !== '') return undefined
    const test = `ctest --test-dir ${build} --output-on-failure`
    return {
      ecosystem: 'CMake',
      source: 'CMakeLists.txt',
      setup: [],
      checks: hasTests ? [[...compile, test].join(' && ')] : [],
    }
  }
  if (!folder.has('meson.build')) return undefined
  const check = `meson setup --reconfigure ${build} . && meson test -C ${build} --print-errorlogs`
  return { ecosystem: 'Meson', source: 'meson.build', setup: [], checks: [check] }
}

async function denoPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const source = ['deno.json', 'deno.jsonc'].find(folder.has)
  if (source === undefined) return undefined
  const text = (await folder.read(source)) ?? ''
  const hasTask = hasEntry(text, 'tasks', 'test')
  return {
    ecosystem: 'Deno',
    source,
    setup: ['deno install'],
    checks: [hasTask ? 'deno task test' : 'deno test'],
  }
}

/** Whether an object of a JSON text, which may have comments, has a key. Linear: the text is untrusted. */
function hasEntry(json: string, object: string, key: string): boolean {
  const start = json.search(new RegExp(`"${object}"\\s*:\\s*\\{`))
  if (start === -1) return false
  const end = json.indexOf('}', start)
  return new RegExp(`"${key}"\\s*:`).test(json.slice(start, end === -1 ? undefined : end))
}

/** The target `test` of make or just, else `check`, GNU's name for it; used if no ecosystem has checks. */
export async function targetPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const makefile = ['GNUmakefile', 'Makefile', 'makefile'].find(folder.has)
  const rules = makefile === undefined ? '' : ((await folder.read(makefile)) ?? '')
  const targets = new Set(rules.split('\n').flatMap(targetsOf))
  const target = ['test', 'check'].find((name) => targets.has(name))
  if (makefile !== undefined && target !== undefined) {
    return { ecosystem: 'make', source: makefile, setup: [], checks: [`make ${target}`] }
  }
  const justfile = ['justfile', 'Justfile', '.justfile'].find(folder.has)
  const recipes = justfile === undefined ? '' : ((await folder.read(justfile)) ?? '')
  const recipe = ['test', 'check'].find((name) =>
    new RegExp(`^@?${name}\\b[^:=\\n]*:(?!=)`, 'm').test(recipes),
  )
  if (justfile === undefined || recipe === undefined) return undefined
  return { ecosystem: 'just', source: justfile, setup: [], checks: [`just ${recipe}`] }
}

/** The targets of a line `a b: c` of a makefile; none if it is a recipe or an assignment. */
function targetsOf(line: string): readonly string[] {
  const colon = line.indexOf(':')
  const isAssignment = /^:+=/.test(line.slice(colon))
  return colon === -1 || isAssignment || !/^[\w.-]/.test(line) ? [] : line.slice(0, colon).split(/[ \t]+/)
}
