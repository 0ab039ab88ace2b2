import type { Folder } from '../../project.ts'
import { packagesBesideRoot } from '../ci/cargo-members.ts'
import type { SaidLine, SaidOutside } from '../ci/said-lines.ts'
import { isBeside, isInTests } from '../own-folders.ts'
import type { EcosystemPlan } from '../plan.ts'
import { readToml, valueAt } from '../read-manifest.ts'
import { preparedTarget } from '../target-plan.ts'
import { clojurePlan } from './clojure-plan.ts'
import { dotnetPlan } from './dotnet-plan.ts'
import { antPlan, jvmPlans } from './jvm-plans.ts'
import { dartPlan, denoPlan, erlangPlan, phpPlan, rubyPlan, terraformPlan } from './script-plans.ts'
import { simplePlans } from './simple-plans.ts'

/** The plans of ecosystems other than JavaScript, Python, C and C++, according to their manifests. */
export async function otherPlans(folder: Folder, { ci }: SaidOutside): Promise<readonly EcosystemPlan[]> {
  const tests = ci.filter((line) => line.folder === folder.name && line.role === 'test' && !line.needsMore)
  const jvm = await jvmPlans(folder, new Set(tests.map(({ ecosystem }) => ecosystem)))
  const others = await Promise.all([
    goPlan(folder),
    cargoPlan(folder, ci),
    rubyPlan(folder),
    phpPlan(folder),
    dotnetPlan(folder),
    denoPlan(folder),
    dartPlan(folder),
    erlangPlan(folder),
    clojurePlan(folder),
    folder.name === '' ? terraformPlan(folder) : undefined,
  ])
  const known = [...(await simplePlans(folder)), ...jvm, ...others.filter((plan) => plan !== undefined)]
  const ant = known.some(({ checks }) => checks.length > 0) ? undefined : await antPlan(folder)
  const found = ant === undefined ? known : [...known, ant]
  // Clojure and Scala projects may have a pom.xml only for publishing.
  const hasOwnTool = found.some(
    ({ ecosystem, checks }) => checks.length > 0 && (ecosystem === 'Clojure' || ecosystem === 'Scala'),
  )
  return hasOwnTool ? found.filter(({ ecosystem }) => ecosystem !== 'Maven') : found
}

/** A line of a makefile that runs the tests of Go. */
const GO_TEST = /(?:^|[\s;])(?:go|\$\{?GO\}?) test\b|\$\{?GOTEST\b/
/** A line of a makefile that runs the tests of Rust. */
const CARGO_TEST = /\bcargo (?:\+\S+ )?(?:xtask )?(?:test|nextest)\b/

/** Plans a module of Go, or all modules that a workspace uses. Both files have one directive per line. */
async function goPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  if (!folder.has('go.mod')) return undefined
  const plan = { ecosystem: 'Go', setup: ['go mod download'] }
  const used = await testedModules(folder)
  // `go test` passes without any test, so sources without tests, helpers of tests and lists of tools do not count.
  const isTested =
    folder.files.some((file) => file.endsWith('_test.go')) ||
    !(
      isInTests(folder.name) ||
      folder.files.some((file) => file.endsWith('.go')) ||
      /^tool[ (]/m.test((await folder.read('go.mod')) ?? '')
    )
  if (used.length === 0) {
    const prepared = isTested ? await preparedTarget(folder, GO_TEST) : undefined
    if (prepared !== undefined) return { ...plan, source: prepared.source, checks: [prepared.check] }
    return { ...plan, source: 'go.mod', checks: isTested ? ['go test ./...'] : [] }
  }
  return {
    ...plan,
    source: 'go.work',
    checks: [`go test ./... ${used.map((name) => `./${name}/...`).join(' ')}`],
  }
}

/** The modules that a workspace of Go uses, without tools and examples; empty if the folder has tests of its own. */
export async function testedModules(folder: Folder): Promise<readonly string[]> {
  const used = usedModules((await folder.read('go.work')) ?? '').filter(
    (name) =>
      name !== '' &&
      folder.has(`${name}/go.mod`) &&
      (!isBeside(name) || isInTests(name)) &&
      !/(?:^|\/)tools?(?:\/|$)/.test(name),
  )
  const modules = folder.files.filter((file) => file.endsWith('/go.mod')).map((file) => file.slice(0, -6))
  const isInside = (file: string) => modules.some((module) => file.startsWith(module)) || isBeside(file)
  const hasOwn = folder.files.some((file) => file.endsWith('_test.go') && !isInside(file))
  return hasOwn ? [] : used
}

const MOST_MODULES = 40

/** Folders in lines such as `use ./a`, and in the lines between `use (` and `)`. */
function usedModules(text: string): readonly string[] {
  const found: string[] = []
  let isOpen = false
  for (const line of text.slice(0, 64 * 1024).split('\n')) {
    const bare = line.replace(/\/\/.*$/, '').trim()
    if (isOpen && bare === ')') isOpen = false
    else if (/^use\s{0,9}\($/.test(bare)) isOpen = true
    else {
      const path = isOpen ? bare : /^use\s{1,9}(\S+)$/.exec(bare)?.[1]
      const plain = path
        ?.replace(/^"|"$/g, '')
        .replace(/^\.\/?/, '')
        .replace(/\/$/, '')
      if (plain !== undefined && (path ?? '') !== '' && /^[\w./-]*$/.test(plain)) found.push(plain)
    }
  }
  return found.slice(0, MOST_MODULES)
}

/**
 * If the root of a workspace is a package too, cargo tests only that package without `--workspace`. A workspace that names its
 * default members has others that do not build everywhere. Tests may need a feature named for them.
 * Of packages that CI tests one by one, only these count.
 */
async function cargoPlan(folder: Folder, ci: readonly SaidLine[]): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('Cargo.toml')
  if (text === undefined) return undefined
  const manifest = readToml(text)
  const isWhole =
    manifest.workspace !== undefined && valueAt(manifest, ['workspace', 'default-members']) === undefined
  const feature = valueAt(manifest, ['features', 'test']) === undefined ? '' : ' --features test'
  const prepared = await preparedTarget(folder, CARGO_TEST)
  if (prepared !== undefined)
    return { ecosystem: 'Rust', source: prepared.source, setup: ['cargo fetch'], checks: [prepared.check] }
  const packages = isWhole ? await packagesBesideRoot(folder, ci) : []
  const whole = packages.length > 0 ? packages.map((name) => ` -p ${name}`).join('') : ' --workspace'
  const checks = [`cargo test${isWhole ? whole : ''}${feature}`]
  return { ecosystem: 'Rust', source: 'Cargo.toml', setup: ['cargo fetch'], checks }
}

/**
 * The ecosystems that CI tests at the root beside Bazel, if it is a project of Bazel's own CI: manifests of others are for
 * editors, or for users of the project. Undefined for all other repositories.
 */
export function testedBesideBazel(folder: Folder, { ci }: SaidOutside): ReadonlySet<string> | undefined {
  const isOfBazel = folder.name === '' && folder.files.some((file) => /^\.bazelci\/[\w-]+\.yml$/.test(file))
  if (!isOfBazel || bazelPlan(folder) === undefined) return undefined
  return new Set(
    ci.flatMap(({ folder: place, role, ecosystem }) => (place === '' && role === 'test' ? [ecosystem] : [])),
  )
}

/** Whether CI tests a folder with Bazel, and with no other tool of C and C++. */
export function isOfBazel(folder: Folder, { ci }: SaidOutside): boolean {
  const tests = ci.filter(({ folder: place, role }) => place === folder.name && role === 'test')
  const isOther = tests.some(({ ecosystem }) => /^(?:CMake|Meson|make)$/.test(ecosystem))
  const isWhole = tests.some(
    ({ ecosystem, words }) => ecosystem === 'Bazel' && words.some((word) => word.includes('...')),
  )
  return !isOther && isWhole && bazelPlan(folder) !== undefined
}

/** The plan for Bazel, which counts only if nothing else has checks: many projects have its files only for their users. */
export function bazelPlan(folder: Folder): EcosystemPlan | undefined {
  const source = ['MODULE.bazel', 'WORKSPACE', 'WORKSPACE.bazel'].find(folder.has)
  if (source === undefined) return undefined
  return { ecosystem: 'Bazel', source, setup: [], checks: ['bazel test //...'] }
}
