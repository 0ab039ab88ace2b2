import type { Folder } from '../project.ts'
import type { CiLine } from './ci/ci-line.ts'
import { ciPlan } from './ci/ci-plan.ts'
import { shellWord } from './ci/plain-words.ts'
import { evidenceOf, type SaidLine, type SaidOutside } from './ci/said-lines.ts'
import type { EcosystemPlan } from './plan.ts'
import { targetPlan } from './target-plan.ts'

/** CMakeLists.txt that are read: those nearest to the root. */
const MOST_LISTS = 20
const TESTED =
  /\b(?:enable_testing|add_test|include\s*\(\s*CTest|gtest_discover_tests|catch_discover_tests|doctest_discover_tests)\b/i
/** `option(A_BUILD_TESTS "…" OFF)`, also over several lines. */
const OPTION = /\b(?:\w{1,30}_)?option\s{0,9}\(\s{0,20}"?(\w{1,80})"?\s([^)]{0,300})\)/gi
/** Its name says that it adds tests, and nothing that tests would need besides. */
const FOR_TESTS =
  /(?:^|_)(?:BUILD_)?(?:UNIT_?)?TEST(?:S|ING)?$|BUILD_TEST|BUILDTESTS|DEVELOPMENT_BUILD|DEVELOPER(?:_MODE)?$|DEV_MODE|ENABLE_TEST/i
const NOT_FOR_TESTS =
  /INSTALL|DOWNLOAD|EXTERNAL|DISABLE|SKIP|PERF|BENCH|FUZZ|COVERAGE|CUDA|PYTHON|HEADER|MODULE|WARN|GPU|ANDROID|WASM|CPACK|SUBPROJECT|EXAMPLES/i
/** Definitions of CI that belong to its machines, or to another kind of check. */
const OF_MACHINE =
  /^-D(?:CMAKE_(?:C|CXX|CUDA)_|CMAKE_(?:TOOLCHAIN|INSTALL|PREFIX|GENERATOR|EXE|SHARED|MODULE|EXPORT|OSX|SYSTEM|MAKE|VERBOSE|AR|LINKER|CROSS)|VCPKG|\w*(?:SANITIZ|COVERAGE|FUZZ|BENCH|DOC|CUDA|WERROR|ASAN|TSAN|UBSAN|LTO|DEPLOY|ROOT|PATH|DIR|COMPILER|CLANG_TIDY|CCACHE|LAUNCHER|QEMU|ARCH|STATIC_ANALY|EMSCRIPTEN))/i

const BUILDS = /^(?:_?build|bld|out)[\w-]*$/
const TARGET = /^(?:test|check|tests|check-all)$/
const OF_NATIVE = new Set(['CMake', 'Meson', 'make'])

/**
 * Ecosystems that CI tests in a folder, if it also tests a native build there: others have manifests beside it that say
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
      (line.folder === folder.name || (folder.name === '' && BUILDS.test(line.folder))),
  )
  const isNative = tests.some((line) => OF_NATIVE.has(line.ecosystem) || isBuiltProgram(line, all))
  return isBuilt && isNative ? new Set(tests.map(({ ecosystem }) => ecosystem)) : undefined
}

/** A program of tests that its job builds before: `./unittests`. */
function isBuiltProgram({ ecosystem, words, job }: SaidLine, all: readonly CiLine[]): boolean {
  return (
    ecosystem === 'CI' &&
    /^\.\/[\w-]+$/.test(words[0] ?? '') &&
    all.some((line) => line.job === job && /^(?:cmake|make|ninja)$/.test(line.words[0] ?? ''))
  )
}

/**
 * C and C++, where nothing else has checks: CMake, Meson, autotools or make, whichever CI tests with, else the first that has
 * tests. What is built goes outside of the tree, or into a folder that git ignores.
 */
export async function nativePlan(folder: Folder, said: SaidOutside): Promise<EcosystemPlan | undefined> {
  const own = said.ci.filter((line) => line.role === 'test')
  const plans = [
    await cmakePlan(folder, said),
    await mesonPlan(folder, said),
    await autotoolsPlan(folder, said),
    await targetPlan(folder),
  ].filter((plan) => plan !== undefined)
  const tested = plans.filter(({ checks }) => checks.length > 0)
  const first = own.find(({ ecosystem, folder: place }) =>
    tested.some((plan) => plan.ecosystem === ecosystem && (place === folder.name || ecosystem !== 'make')),
  )
  return tested.find(({ ecosystem }) => ecosystem === first?.ecosystem) ?? tested[0] ?? plans[0]
}

async function cmakePlan(folder: Folder, { all, ci }: SaidOutside): Promise<EcosystemPlan | undefined> {
  const root = await folder.read('CMakeLists.txt')
  if (root === undefined || !/^\s{0,9}project\s{0,9}\(/im.test(root)) return undefined
  const lists = folder.files
    .filter((file) => /(?:^|\/)CMakeLists\.txt$/.test(file) && !isForeign(file))
    .slice(0, MOST_LISTS)
  const texts = await Promise.all(lists.map(folder.read))
  const ecosystem = 'CMake'
  const source = 'CMakeLists.txt'
  if (!texts.some((text) => TESTED.test(text ?? ''))) return { ecosystem, source, setup: [], checks: [] }
  const options = texts.flatMap((text) => testOptions(text ?? ''))
  const configures = all.filter(
    ({ words, folder: place }) =>
      words[0] === 'cmake' &&
      // Elsewhere, it is what others wrote.
      (place === folder.name || BUILDS.test(innerPath(folder, place))) &&
      !words.some((word) => /^(?:--build|-E|-P|--install)$|TOOLCHAIN_FILE|SYSTEM_NAME|QEMU/.test(word)),
  )
  const configure = configures.find(({ words }) => words.some((word) => /TEST/i.test(word))) ?? configures[0]
  const ofCi = (configure?.words ?? []).filter(
    (word) => /^-D\w+(?::\w+)?=[\w.+/-]+$/.test(word) && !OF_MACHINE.test(word),
  )
  const given = new Set(ofCi.map((word) => /^-D(\w+)/.exec(word)?.[1]))
  const flags = [
    ...ofCi,
    ...[...new Set(options)].filter((name) => !given.has(name)).map((name) => `-D${name}=ON`),
  ]
  const build = await buildFolder(folder)
  const target = all.find(
    ({ words }) =>
      words[0] === 'cmake' && words.includes('--build') && words.some((word) => TARGET.test(word)),
  )
  const run = all.find(({ words }) => words[0] === 'ctest')
  // Its tests are built for it alone.
  const own = texts.some((text) => /\badd_custom_target\s{0,9}\(\s{0,20}check\b/i.test(text ?? ''))
    ? 'check'
    : undefined
  const named = target?.words.find((word) => TARGET.test(word)) ?? own
  const test =
    run === undefined && named !== undefined
      ? `cmake --build ${build} --parallel 4 --target ${named}`
      : [`ctest --test-dir ${build} --output-on-failure`, ...exclusions(run)].join(' ')
  const compile = [
    [`cmake -S . -B ${build}`, ...flags.map(shellWord)].join(' '),
    `cmake --build ${build} --parallel 4`,
  ]
  const lines = [configure, run ?? target].filter((line) => line !== undefined)
  const isOwn = lines.some(({ file }) => ci.some((line) => line.file === file))
  return {
    ecosystem,
    source,
    setup: [],
    checks: [[...compile, test].join(' && ')],
    evidence: isOwn ? lines.map(evidenceOf) : [],
  }
}

/** Those that are off unless something says otherwise. */
function testOptions(text: string): readonly string[] {
  return [...text.slice(0, 256 * 1024).matchAll(OPTION)].flatMap(([, name = '', rest = '']) => {
    const isOff = /(?:^|[\s"])(?:OFF|FALSE|NO|0)\s*$/i.test(rest)
    return isOff && FOR_TESTS.test(name) && !NOT_FOR_TESTS.test(name) ? [name] : []
  })
}

/** What CI leaves out of its tests. */
function exclusions(line: { readonly words: readonly string[] } | undefined): readonly string[] {
  const words = line?.words ?? []
  return words.flatMap((word, at) => {
    const value = words[at + 1]
    return /^(?:-E|-LE|--exclude-regex|--label-exclude)$/.test(word) && value !== undefined
      ? [word, shellWord(value)]
      : []
  })
}

async function mesonPlan(folder: Folder, { all }: SaidOutside): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('meson.build')
  // Below another one, it is a part of that.
  if (text === undefined || !/^\s{0,9}project\s{0,9}\(/m.test(text)) return undefined
  const build = await buildFolder(folder)
  const configure = all.find(({ words }) => words[0] === 'meson' && words[1] === 'setup')
  const flags = (configure?.words ?? []).filter(
    (word) => /^-D[\w-]+=[\w.+-]+$/.test(word) && !/sanit|coverage|doc|bench|prefix/i.test(word),
  )
  const setup = [`meson setup ${build} .`, ...flags.map(shellWord)].join(' ')
  return {
    ecosystem: 'Meson',
    source: 'meson.build',
    setup: [],
    // It does nothing, and says so, if it is configured already.
    checks: [`${setup} && meson test -C ${build} --print-errorlogs`],
    evidence: configure === undefined ? [] : [evidenceOf(configure)],
  }
}

/** As CI configures it; in the tree, since many cannot be built elsewhere. */
async function autotoolsPlan(folder: Folder, said: SaidOutside): Promise<EcosystemPlan | undefined> {
  const source = ['configure.ac', 'configure.in', 'configure'].find(folder.has)
  if (source === undefined) return undefined
  const makes = said.ci.filter(({ ecosystem, role }) => ecosystem === 'make' && role === 'test')
  const line: SaidLine | undefined = makes.find(({ folder: place }) => place === folder.name)
  const ofCi = line === undefined ? undefined : ciPlan({ ...said, ci: [line], documents: [] }, folder.name)
  const hasConfigure = ofCi?.setup.some((command) => /configure\b/.test(command))
  if (ofCi !== undefined && hasConfigure)
    return { ...ofCi, ecosystem: 'make', source, evidence: ofCi.evidence }
  const generate = folder.has('autogen.sh')
    ? ['sh ./autogen.sh']
    : folder.has('configure')
      ? []
      : ['autoreconf --force --install']
  const below = line ?? makeInTests(folder, said)
  if (below === undefined && !(await declaresTests(folder)))
    return { ecosystem: 'make', source, setup: [], checks: [] }
  const check =
    line?.command ??
    (below === undefined ? 'make check' : `make -C ${shellWord(innerPath(folder, below.folder))}`)
  return {
    ecosystem: 'make',
    source,
    setup: [...generate, './configure'],
    checks: [`make -j4 && ${check}`],
    evidence: below === undefined ? [] : [evidenceOf(below)],
  }
}

/** A bare `make` of CI in a folder of tests: it runs them with what was built above. */
function makeInTests({ name }: Folder, { all }: SaidOutside): CiLine | undefined {
  return all.find(({ folder, words }) => {
    const [program = '', ...rest] = words
    const isBelow = folder !== name && (name === '' || folder.startsWith(`${name}/`))
    return (
      isBelow &&
      /^g?make$/.test(program) &&
      rest.every((word) => /^-/.test(word)) &&
      /(?:^|\/)(?:regress\w*|tests?|testsuite)$/.test(folder)
    )
  })
}

function innerPath({ name }: Folder, path: string): string {
  return name === '' ? path : path.slice(name.length + 1)
}

/** Without tests, `make check` passes. Line by line: these files are of make. */
async function declaresTests(folder: Folder): Promise<boolean> {
  const files = folder.files.filter((file) => /(?:^|\/)Makefile\.(?:am|in)$/.test(file)).slice(0, 12)
  const texts = await Promise.all(files.map(folder.read))
  return texts.some((text) =>
    /^(?:TESTS|TESTSUITE\w*)\s{0,9}\+?=|^(?:check|check-local|test)\s{0,9}:/m.test(text ?? ''),
  )
}

/** A folder that git ignores, else one outside of the tree. */
async function buildFolder(folder: Folder): Promise<string> {
  const ignored = (await folder.read('.gitignore')) ?? ''
  const isIgnored = /^\/?build\*?\/?[ \t\r]{0,9}$/m.test(ignored)
  if (isIgnored && !folder.files.some((file) => file.startsWith('build/'))) return 'build'
  return `/tmp/build${folder.name === '' ? '' : `-${folder.name.replace(/[^\w-]+/g, '-')}`}`
}

function isForeign(file: string): boolean {
  return /(?:^|\/)(?:extern(?:al)?|3rd_?party|third_?party|vendor|deps|submodules|subprojects|contrib|examples?|fuzz\w*|bench\w*|cmake)\//i.test(
    file,
  )
}
