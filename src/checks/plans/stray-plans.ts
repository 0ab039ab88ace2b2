import type { Folder } from '../project.ts'
import type { SaidLine, SaidOutside } from './ci/said-lines.ts'
import { looksTested } from './own-folders.ts'
import type { EcosystemPlan, ProjectPlan } from './plan.ts'
import { TEST_FILE } from './python/python-plan.ts'

/** Names of test files that `Project.files` has at any depth, so that a missing one does not exist. */
const LISTED =
  /(?:_(?:spec|test)\.(?:rb|py|dart|exs)|[._](?:test|spec)\.[cm]?[jt]sx?|Test\.php)$|(?:^|\/)test_[\w-]+\.py$/
const PATH = /^(?:\.\/)?((?:[\w.-]+\/)+[\w.-]+\.\w{1,4})(?::\d+)?$/

/**
 * Whether a run tests nothing here: it runs all specs where there are none, which passes, or a file that does not exist.
 * Texts for people show such runs for folders below and for other repositories.
 */
export function isEmptyRun(
  { ecosystem, folder, words }: Pick<SaidLine, 'ecosystem' | 'folder' | 'words'>,
  files: ReadonlySet<string>,
): boolean {
  const start = folder === '' ? '' : `${folder}/`
  const named = words.slice(1).flatMap((word) => PATH.exec(word)?.[1] ?? [])
  if (named.some((path) => LISTED.test(path) && !files.has(`${start}${path}`))) return true
  // Without tests, this target only lints.
  if (ecosystem === 'make' && words.join(' ') === 'make check' && files.has(`${start}Makefile`))
    return !looksTested(files)
  if (ecosystem !== 'Ruby' || words.at(-1) !== 'rspec') return false
  return !files.has(`${start}.rspec`) && ![...files].some((file) => file.startsWith(`${start}spec/`))
}

/** Whether the folder is a Rust library that a native build around it compiles and tests. */
export function isBuiltWithin(folder: Folder, around: readonly ProjectPlan[]): boolean {
  const isPart = ['meson.build', 'CMakeLists.txt'].some(folder.has)
  return (
    isPart &&
    around.some(
      (plan) =>
        /^(?:CMake|Meson|make)$/.test(plan.ecosystem) &&
        plan.checks.length > 0 &&
        plan.folder !== folder.name &&
        holds(plan.folder, folder.name),
    )
  )
}

/** Whether the folder is a Rust extension of Python or Node that CI does not test with cargo, which usually cannot link it. */
export async function isRustExtension(
  folder: Folder,
  { plans, said }: { readonly plans: readonly (EcosystemPlan | undefined)[]; readonly said: SaidOutside },
): Promise<boolean> {
  const isTested = plans.some(
    (plan) => /^(?:Python|JavaScript)$/.test(plan?.ecosystem ?? '') && plan?.checks.length !== 0,
  )
  const own = said.ci.filter((line) => line.role === 'test' && line.folder === folder.name)
  if (!isTested || !folder.has('Cargo.toml') || own.some(({ ecosystem }) => ecosystem === 'Rust'))
    return false
  const crate = (await folder.read('Cargo.toml')) ?? ''
  const python = (await folder.read('pyproject.toml')) ?? ''
  const node = (await folder.read('package.json')) ?? ''
  const isTestedAsWheel = /^test-command\b/m.test(python)
  return (
    (own.length > 0 || isTestedAsWheel) &&
    (/\b(?:maturin|setuptools[-_]rust)\b/.test(python) ||
      // A library that only an interpreter can load.
      /\bcrate-type = \["cdylib"\][\s\S]*\bpyo3\b/.test(crate) ||
      /"@napi-rs\/cli"/.test(node))
  )
}

/**
 * Removes a plan that only looks like a project: files that are named like Python tests, in a repository of another
 * language, deep inside it or not tested by its CI.
 */
export function withoutStrays(
  found: readonly (EcosystemPlan | undefined)[],
  { ci }: SaidOutside,
): readonly EcosystemPlan[] {
  const plans = found.filter((plan) => plan !== undefined)
  const python = plans.find(({ ecosystem }) => ecosystem === 'Python')
  const others = plans.some(({ ecosystem, checks }) => ecosystem !== 'Python' && checks.length > 0)
  const isBare = python !== undefined && TEST_FILE.test(python.source)
  const isDeep = isBare && python.source.split('/').length > 2
  const tests = ci.filter(({ role }) => role === 'test')
  // A single Python file that CI runs may be a tool of CI itself.
  const isUntested = tests.every(
    ({ ecosystem, words }) => ecosystem !== 'Python' || words.some((word) => word.endsWith('.py')),
  )
  if (!isBare || !others || !(isDeep || isUntested) || !isGuess(python)) return plans
  return plans.filter((plan) => plan !== python)
}

/** Whether a plan tests the same as another plan, for another runtime or for users of a library. */
export function isSecond(plan: EcosystemPlan, around: Around): boolean {
  return isSecondRuntime(plan, around) || isBesideNative(plan, around)
}

interface Around {
  readonly all: readonly EcosystemPlan[]
  readonly said: SaidOutside
  readonly folder: Folder
}

/** Whether a plan is for Deno beside the tests of a package, and CI runs Deno only with what a sandbox lacks. */
function isSecondRuntime({ ecosystem }: EcosystemPlan, { all, said, folder }: Around): boolean {
  const isTested = all.some((plan) => plan.ecosystem === 'JavaScript' && plan.checks.length > 0)
  if (ecosystem !== 'Deno' || !isTested) return false
  const tests = said.ci.filter(
    (line) => line.ecosystem === 'Deno' && line.role === 'test' && line.folder === folder.name,
  )
  return tests.every(({ needsMore }) => needsMore)
}

/** Whether a plan has no checks, or only has Python checks by the names of files, so that another plan may count instead. */
export function isGuess({ checks, ecosystem, source, evidence = [] }: EcosystemPlan): boolean {
  if (checks.length === 0) return true
  const isNamed = TEST_FILE.test(source) || /requirements[^/]*\.txt$/.test(source)
  return ecosystem === 'Python' && isNamed && evidence.length === 0
}

/** Whether Python tests without a package of their own test a native build, which their job compiles before them. */
export function testsBuild(
  { ecosystem, source, evidence = [] }: EcosystemPlan,
  { all }: SaidOutside,
): boolean {
  const [first] = evidence
  const at = all.findIndex(({ file, line }) => file === first?.file && line === first.line)
  const job = all[at]?.job
  return (
    ecosystem === 'Python' &&
    /requirements[^/]*\.txt$/.test(source) &&
    all
      .slice(0, Math.max(at, 0))
      .some((line) => line.job === job && /^(?:cmake|ninja|meson)$/.test(line.words[0] ?? ''))
  )
}

/** Whether `folder` is `outer` or inside it. */
export function holds(outer: string, folder: string): boolean {
  return outer === '' || folder === outer || folder.startsWith(`${outer}/`)
}

/** Whether a plan is for Swift beside a native build and CI does not test it on Linux: it is for users of the library. */
function isBesideNative({ ecosystem }: EcosystemPlan, { folder, said: { all, ci } }: Around): boolean {
  return (
    ecosystem === 'Swift' &&
    all.length > 0 &&
    ['CMakeLists.txt', 'meson.build', 'configure.ac'].some(folder.has) &&
    // The package has no sources in Swift.
    !folder.files.some((file) => /^(?:Sources|Tests)\//.test(file)) &&
    ci.every((line) => line.ecosystem !== 'Swift' || line.folder !== folder.name)
  )
}
