import type { Folder } from '../../project.ts'
import type { CiLine } from '../ci/ci-line.ts'
import { evidenceOf, type SaidLine, type SaidOutside } from '../ci/said-lines.ts'
import type { EcosystemPlan } from '../plan.ts'
import { pipInstalls } from '../python/ci-installs.ts'
import { namesTests } from '../python/named-runs.ts'
import { TEST_FILE } from '../python/python-plan.ts'
import { readPythonTest } from '../python/said-python-test.ts'
import { venvSetup } from '../python/virtual-environment.ts'
import { readToml } from '../read-manifest.ts'
import { targetPlan } from '../target-plan.ts'
import { autotoolsPlan } from './autotools-plan.ts'
import { BUILDS, pytestInBuild } from './build-folder.ts'
import { cmakePlan } from './cmake-plan.ts'
import { mesonPlan } from './meson-plan.ts'

const OF_NATIVE = new Set(['CMake', 'Meson', 'make'])

/**
 * The ecosystems that CI tests in a folder, if it also tests a native build there. Manifests of other ecosystems then say
 * nothing about its tests.
 *
 * @returns undefined if CI tests no native build there.
 */
export function testedBesideNative(
  folder: Folder,
  { all, ci }: SaidOutside,
): ReadonlySet<string> | undefined {
  const isBuilt = ['CMakeLists.txt', 'meson.build', 'configure.ac', 'configure.in'].some(folder.has)
  const tests = ci.filter(
    (line) =>
      line.role === 'test' &&
      (line.folder === folder.name || (folder.name === '' && BUILDS.test(line.folder))) &&
      !isPartOfTests(folder, line),
  )
  const isNative = tests.some((line) => OF_NATIVE.has(line.ecosystem) || isBuiltProgram(line, all))
  const inBuild = pytestInBuild(folder, { all, ci, tools: /^(?:cmake|meson)$/ })
  const others = tests.filter((line) => line.folder === folder.name || inBuild === undefined)
  if (isBuilt && (isNative || inBuild !== undefined)) return new Set(others.map(({ ecosystem }) => ecosystem))
  return isBuilt && tests.length === 0 && buildsAlone(folder, all) ? new Set() : undefined
}

/** Whether CI builds with make or the like and never with cargo: then a part in Rust says nothing about the tests. */
function buildsAlone(folder: Folder, all: readonly CiLine[]): boolean {
  const own = all.filter(
    (line) => line.folder === folder.name || (folder.name === '' && BUILDS.test(line.folder)),
  )
  const runs = (pattern: RegExp) => own.some(({ words }) => pattern.test(words[0] ?? ''))
  return folder.has('Cargo.toml') && runs(/^(?:make|ninja|meson|cmake)$/) && !runs(/^(?:cargo|cross)$/)
}

/** Whether a line tests only a part, such as `pytest tests/packaging` where `tests` has more, or `nox -s build`. */
function isPartOfTests({ files }: Folder, { ecosystem, command, words }: SaidLine): boolean {
  if (ecosystem !== 'Python') return false
  const said = readPythonTest(command)
  if (said !== undefined && !('args' in said) && said.name !== undefined && !namesTests(said.name))
    return true
  return words.some((word) => {
    const path = word.replace(/^\.\/|\/$/g, '')
    const around = path.split('/').slice(0, -1).join('/')
    const isInside = (file: string) => file.startsWith(`${path}/`)
    return (
      around !== '' &&
      files.some(isInside) &&
      files.some((file) => file.startsWith(`${around}/`) && TEST_FILE.test(file) && !isInside(file))
    )
  })
}

/** Whether a line runs a program that its own job builds: `./unittests`. */
function isBuiltProgram({ ecosystem, words, job }: SaidLine, all: readonly CiLine[]): boolean {
  return (
    ecosystem === 'CI' &&
    /^\.\/[\w-]+$/.test(words[0] ?? '') &&
    all.some((line) => line.job === job && /^(?:cmake|make|ninja)$/.test(line.words[0] ?? ''))
  )
}

/**
 * The plan for C and C++, which counts only if nothing else has checks: CMake, Meson, autotools or make, whichever CI tests
 * with, else the first that has tests. CMake and Meson build outside of the workspace, or in a folder that git ignores.
 */
export async function nativePlan(folder: Folder, said: SaidOutside): Promise<EcosystemPlan | undefined> {
  const own = said.ci.filter((line) => line.role === 'test')
  const plans = [
    await cmakePlan(folder, said),
    await mesonPlan(folder, said),
    await autotoolsPlan(folder, said),
    isOtherwise(folder, said)
      ? undefined
      : await targetPlan(folder, { hasCi: said.all.length > 0, named: targetsOfCi(folder, own) }),
  ].filter((plan) => plan !== undefined)
  const tested = plans.filter(({ checks }) => checks.length > 0)
  const first = own.find(({ ecosystem, folder: place }) =>
    tested.some((plan) => plan.ecosystem === ecosystem && (place === folder.name || ecosystem !== 'make')),
  )
  const chosen = tested.find(({ ecosystem }) => ecosystem === first?.ecosystem) ?? tested[0]
  return chosen === undefined ? plans[0] : withTools(folder, ofCi(folder, chosen, own), said)
}

/** Adds the line of CI that calls the target of a plan for make, whose job says what it needs. */
function ofCi({ name }: Folder, plan: EcosystemPlan, tests: readonly SaidLine[]): EcosystemPlan {
  const target = /^make (\S+)$/.exec(plan.checks[0] ?? '')?.[1]
  const line = tests.find(
    ({ ecosystem, folder, needsMore, words }) =>
      ecosystem === 'make' && folder === name && !needsMore && words.includes(target ?? ''),
  )
  return target === undefined || line === undefined || plan.evidence !== undefined
    ? plan
    : { ...plan, evidence: [evidenceOf(line)] }
}

/** Whether a target of make does not count: CI tests the folder by another program, or the folder is nested and there is a CI. */
function isOtherwise({ name }: Folder, { all, ci }: SaidOutside): boolean {
  const tests = ci.filter(({ folder, role }) => folder === name && role === 'test')
  const isByOthers = tests.some(({ needsMore }) => !needsMore)
  return (
    (name.includes('/') && all.length > 0) ||
    (isByOthers && tests.every(({ ecosystem }) => ecosystem !== 'make'))
  )
}

function targetsOfCi({ name }: Folder, tests: readonly SaidLine[]): ReadonlySet<string> {
  const calls = tests.filter((line) => line.folder === name && line.ecosystem === 'make' && !line.needsMore)
  return new Set(calls.flatMap(({ words }) => words.slice(1)))
}

/** Adds what the job that tests installs by pip, such as a test runner, in a virtual environment. */
async function withTools(
  folder: Folder,
  plan: EcosystemPlan,
  { all, ci }: SaidOutside,
): Promise<EcosystemPlan> {
  const places = plan.evidence ?? []
  const isAt = ({ file, line }: CiLine) => places.some((one) => one.file === file && one.line === line)
  // One job may configure a build for linters, and another one test it.
  const job = (ci.find((line) => line.role === 'test' && isAt(line)) ?? all.find(isAt))?.job
  const lines = all.filter((line) => line.job === job && line.folder === folder.name)
  const pyproject = readToml(await folder.read('pyproject.toml'))
  const installs = pipInstalls(folder, { lines, pyproject })
    // An old CMake of a matrix may not know the options that are used here.
    .map((args) => args.replace(/(?:^| )cmake==\S+/g, '').trim())
    .filter((args) => args !== '' && !/(?:^| )-e /.test(args))
  if (installs.length === 0) return plan
  const others = plan.setup.filter((command) => !/\bpip3? install\b/.test(command))
  return { ...plan, setup: [...venvSetup(folder, false, installs), ...others] }
}
