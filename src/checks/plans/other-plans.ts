import type { Folder } from '../project.ts'
import type { EcosystemPlan } from './plan.ts'

/** Ecosystems that one file gives away, always with the same commands. */
const BY_FILE: readonly {
  readonly files: readonly string[]
  readonly setup: readonly string[]
  readonly checks: readonly string[]
}[] = [
  { files: ['go.mod'], setup: ['go mod download'], checks: ['go test ./...'] },
  { files: ['mix.exs'], setup: ['mix deps.get'], checks: ['mix test'] },
]

export async function otherPlans(folder: Folder): Promise<readonly EcosystemPlan[]> {
  const simple = BY_FILE.flatMap(({ files, setup, checks }) => {
    const source = files.find(folder.has)
    return source === undefined ? [] : [{ source, setup, checks }]
  })
  const others = await Promise.all([
    cargoPlan(folder),
    javaPlan(folder),
    rubyPlan(folder),
    phpPlan(folder),
    dotnetPlan(folder),
    denoPlan(folder),
  ])
  return [...simple, ...others.filter((plan) => plan !== undefined)]
}

/** If the root of a workspace is a package too, cargo tests only that package without `--workspace`. */
async function cargoPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const manifest = await folder.read('Cargo.toml')
  if (manifest === undefined) return undefined
  const all = /^[ \t]*\[workspace[\].]/m.test(manifest) ? ' --workspace' : ''
  return { source: 'Cargo.toml', setup: ['cargo fetch'], checks: [`cargo test${all}`] }
}

/** The repository's own wrapper wins: it downloads the version that the build was written for. */
function javaPlan(folder: Folder): EcosystemPlan | undefined {
  if (folder.has('pom.xml')) {
    const maven = folder.has('mvnw') ? 'sh ./mvnw' : 'mvn'
    return { source: 'pom.xml', setup: [], checks: [`${maven} --batch-mode --no-transfer-progress test`] }
  }
  const source = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'].find(
    folder.has,
  )
  if (source === undefined) return undefined
  const gradle = folder.has('gradlew') ? 'sh ./gradlew' : 'gradle'
  return { source, setup: [], checks: [`${gradle} --no-daemon --console=plain test`] }
}

async function rubyPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const gemfile = await folder.read('Gemfile')
  if (gemfile === undefined) return undefined
  const rakefile = (await folder.read('Rakefile')) ?? ''
  const usesRspec = folder.has('.rspec') || folder.files.some((file) => file.startsWith('spec/'))
  const check = usesRspec ? ['bundle exec rspec'] : /test/i.test(rakefile) ? ['bundle exec rake test'] : []
  return { source: 'Gemfile', setup: ['bundle install'], checks: check }
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
    source: 'composer.json',
    setup: ['composer install --no-interaction --no-progress'],
    checks: check,
  }
}

function dotnetPlan(folder: Folder): EcosystemPlan | undefined {
  const source = folder.files.find((file) => /^[^/]+\.(?:sln|slnx|csproj|fsproj)$/.test(file))
  return source === undefined ? undefined : { source, setup: ['dotnet restore'], checks: ['dotnet test'] }
}

async function denoPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const source = ['deno.json', 'deno.jsonc'].find(folder.has)
  if (source === undefined) return undefined
  const text = (await folder.read(source)) ?? ''
  const hasTask = hasEntry(text, 'tasks', 'test')
  return { source, setup: ['deno install'], checks: [hasTask ? 'deno task test' : 'deno test'] }
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
    return { source: makefile, setup: [], checks: [`make ${target}`] }
  }
  const justfile = ['justfile', 'Justfile', '.justfile'].find(folder.has)
  const recipes = justfile === undefined ? '' : ((await folder.read(justfile)) ?? '')
  const recipe = ['test', 'check'].find((name) =>
    new RegExp(`^@?${name}\\b[^:=\\n]*:(?!=)`, 'm').test(recipes),
  )
  if (justfile === undefined || recipe === undefined) return undefined
  return { source: justfile, setup: [], checks: [`just ${recipe}`] }
}

/** The targets of a line `a b: c` of a makefile; none if it is a recipe or an assignment. */
function targetsOf(line: string): readonly string[] {
  const colon = line.indexOf(':')
  const isAssignment = /^:+=/.test(line.slice(colon))
  return colon === -1 || isAssignment || !/^[\w.-]/.test(line) ? [] : line.slice(0, colon).split(/[ \t]+/)
}
