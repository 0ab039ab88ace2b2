import type { Folder } from '../project.ts'
import type { SaidLine, SaidOutside } from './ci/said-lines.ts'
import type { EcosystemPlan, ProjectPlan } from './plan.ts'
import { TEST_FILE } from './python/python-plan.ts'

/** Files of tests that the list of a project has at any depth. */
const LISTED =
  /(?:_(?:spec|test)\.(?:rb|py|dart|exs)|[._](?:test|spec)\.[cm]?[jt]sx?|Test\.php)$|(?:^|\/)test_[\w-]+\.py$/
const PATH = /^(?:\.\/)?((?:[\w.-]+\/)+[\w.-]+\.\w{1,4})(?::\d+)?$/

/**
 * A run that tests nothing here: all specs where there are none, which passes, or a file that is not there. Texts for people
 * show both, for folders below and for repositories of others.
 */
export function isEmptyRun(
  { ecosystem, folder, words }: Pick<SaidLine, 'ecosystem' | 'folder' | 'words'>,
  files: ReadonlySet<string>,
): boolean {
  const start = folder === '' ? '' : `${folder}/`
  const named = words.slice(1).flatMap((word) => PATH.exec(word)?.[1] ?? [])
  if (named.some((path) => LISTED.test(path) && !files.has(`${start}${path}`))) return true
  if (ecosystem !== 'Ruby' || words.at(-1) !== 'rspec') return false
  return !files.has(`${start}.rspec`) && ![...files].some((file) => file.startsWith(`${start}spec/`))
}

/** A library in Rust that the native build around it compiles: that one tests it. */
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

/** An extension of Python or Node in Rust, where CI runs nothing with cargo: cargo cannot link its tests as a rule. */
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
  const python = (await folder.read('pyproject.toml')) ?? ''
  const node = (await folder.read('package.json')) ?? ''
  return own.length > 0 && (/\b(?:maturin|setuptools[-_]rust)\b/.test(python) || /"@napi-rs\/cli"/.test(node))
}

/**
 * Without what only looks like a project: files named like tests of Python, deep inside of another language's repository.
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
  // One file is what CI itself is made of.
  const isUntested = tests.every(
    ({ ecosystem, words }) => ecosystem !== 'Python' || words.some((word) => word.endsWith('.py')),
  )
  if (!isBare || !others || !(isDeep || isUntested) || !isGuess(python)) return plans
  return plans.filter((plan) => plan !== python)
}

/** What tests the same again, elsewhere. */
export function isSecond(plan: EcosystemPlan, around: Around): boolean {
  return isSecondRuntime(plan, around) || isBesideNative(plan, around)
}

interface Around {
  readonly all: readonly EcosystemPlan[]
  readonly said: SaidOutside
  readonly folder: Folder
}

/** Deno beside the tests of a package, where CI runs it with what a sandbox does not have. */
function isSecondRuntime({ ecosystem }: EcosystemPlan, { all, said, folder }: Around): boolean {
  const isTested = all.some((plan) => plan.ecosystem === 'JavaScript' && plan.checks.length > 0)
  if (ecosystem !== 'Deno' || !isTested) return false
  const tests = said.ci.filter(
    (line) => line.ecosystem === 'Deno' && line.role === 'test' && line.folder === folder.name,
  )
  return tests.every(({ needsMore }) => needsMore)
}

/** Without checks, or only with files that are named like tests, and beside which something else may be what is tested. */
export function isGuess({ checks, ecosystem, source, evidence = [] }: EcosystemPlan): boolean {
  if (checks.length === 0) return true
  const isNamed = TEST_FILE.test(source) || /requirements[^/]*\.txt$/.test(source)
  return ecosystem === 'Python' && isNamed && evidence.length === 0
}

/** Tests in Python without a package of their own, before which their job compiles: what is built is what they test. */
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

/** Whether a folder is another one, or inside of it. */
export function holds(outer: string, folder: string): boolean {
  return outer === '' || folder === outer || folder.startsWith(`${outer}/`)
}

/** A package of Swift beside a native build, where CI tests nothing with it on Linux: it is for people who use the library. */
function isBesideNative({ ecosystem }: EcosystemPlan, { folder, said: { all, ci } }: Around): boolean {
  return (
    ecosystem === 'Swift' &&
    all.length > 0 &&
    ['CMakeLists.txt', 'meson.build', 'configure.ac'].some(folder.has) &&
    // What it builds is not in Swift.
    !folder.files.some((file) => /^(?:Sources|Tests)\//.test(file)) &&
    ci.every((line) => line.ecosystem !== 'Swift' || line.folder !== folder.name)
  )
}
