import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import { evidenceOf, type SaidOutside } from '../ci/said-lines.ts'
import type { EcosystemPlan } from '../plan.ts'
import {
  BUILDS,
  buildFolder,
  configures,
  innerPath,
  isPartOfLarger,
  programInBuild,
  pytestInBuild,
} from './build-folder.ts'

/** The most files CMakeLists.txt to read: those nearest to the root. */
const MOST_LISTS = 20
const TESTED =
  /\badd_(?:(?:unit|c|cc|cpp|cxx|g|gtest)_?)?tests?\b|\w_add_(?:(?:unit|c|cc|cpp|cxx)_?)?tests?\b|\binclude\s{0,9}\(\s{0,9}CTest\b|_discover_tests\b|\b(?:\w{1,20}_)?(?:cc|cpp|cxx|unit)_test\s{0,9}\(/i
/** Enables tests, which another, included file may add. */
const ENABLED = /\benable_testing\b/i
/** An option such as `option(A_BUILD_TESTS "…" OFF)`, which may span several lines. */
const OPTION = /\b(?:\w{1,30}_)?option\s{0,9}\(\s{0,20}"?(\w{1,80})"?\s([^)]{0,300})\)/gi
/** Names of options that add tests, except for those that also match `NOT_FOR_TESTS`. */
const FOR_TESTS =
  /(?:^|_)(?:BUILD_)?(?:UNIT_?)?TEST(?:S|ING)?$|BUILD_TEST|BUILDTESTS|DEVELOPMENT_BUILD|DEVELOPER(?:_MODE)?$|DEV_MODE|ENABLE_TEST/i
const NOT_FOR_TESTS =
  /INSTALL|DOWNLOAD|EXTERNAL|DISABLE|SKIP|PERF|BENCH|FUZZ|COVERAGE|CUDA|PYTHON|HEADER|MODULE|WARN|GPU|ANDROID|WASM|CPACK|SUBPROJECT|EXAMPLES|TESTBED/i
/** Names of options that add all tests, not those of one kind. */
const FOR_ALL_TESTS =
  /(?:^|_)(?:BUILD|ENABLE|WITH)_(?:UNIT_?)?TEST(?:S|ING)?$|^(?:[A-Z0-9]+_)?TEST(?:S|ING)$|DEVELOPER(?:_MODE)?$|DEV_MODE$/i
/** Definitions of CI that depend on its machines, or that are for other kinds of checks. */
const OF_MACHINE =
  /^-D(?:CMAKE_(?:C|CXX|CUDA)_|CMAKE_(?:TOOLCHAIN|INSTALL|COMPILE_WARNING|PREFIX|GENERATOR|EXE|SHARED|MODULE|EXPORT|OSX|SYSTEM|MAKE|VERBOSE|AR|LINKER|CROSS)|VCPKG|\w*(?:SANITIZ|COVERAGE|FUZZ|BENCH|DOC|CUDA|WERROR|ASAN|TSAN|UBSAN|LTO|DEPLOY|ROOT|PATH|DIR|COMPILER|CLANG_TIDY|CCACHE|LAUNCHER|QEMU|ARCH|STATIC_ANALY|BUILD_MODULES?\b|SINGLE_?(?:HEADER|INCLUDE|FILE)|AMALGAM|CXX_MODULES|EMSCRIPTEN|INSTALLED|_ONLY))/i

const TARGET = /^(?:(?:run|unit|all)[-_]?|py|cpp)?tests?$|^check(?:-all)?$/
const CUSTOM = /\badd_custom_target\s{0,9}\(\s{0,20}"?(\w{1,80})/gi
const STARTER =
  /\badd_custom_target\s{0,9}\(\s{0,20}(\w{1,80})\s{1,20}COMMAND\s{1,20}(?:\$\{CMAKE_CTEST_COMMAND\}|ctest)\s{0,20}\)/i
const LEFT_OUT = /\badd_executable\s{0,9}\(\s{0,20}(\w{1,80})\s{1,20}EXCLUDE_FROM_ALL\b/gi
/** A definition that switches an option on. */
const ON = /^-D(\w+)(?::\w+)?=(?:ON|TRUE|YES|1)$/i
/** A definition that switches an option off. */
const OFF = /^-D(\w+)(?::\w+)?=(?:OFF|FALSE|NO|0)$/i
/** A definition that switches off all tests by its name: `-DA_DISABLE_TESTS=ON`. */
const WITHOUT_TESTS =
  /^-D(?:[A-Z0-9]+_)?(?:DISABLE|SKIP|NO|WITHOUT)_(?:BUILD_)?(?:UNIT_?)?TEST(?:S|ING)?(?::\w+)?=(?:ON|TRUE|YES|1)$/i

export async function cmakePlan(
  folder: Folder,
  { all, ci }: SaidOutside,
): Promise<EcosystemPlan | undefined> {
  const root = await folder.read('CMakeLists.txt')
  if (root === undefined || !/^\s{0,9}project\s{0,9}\(/im.test(root)) return undefined
  const lists = folder.files
    .filter((file) => /(?:^|\/)CMakeLists\.txt$/.test(file) && !isForeign(file))
    .slice(0, MOST_LISTS)
  const texts = await Promise.all(lists.map(folder.read))
  const ecosystem = 'CMake'
  const source = 'CMakeLists.txt'
  if (isPartOfLarger(root)) return { ecosystem, source, setup: [], checks: [] }
  const target = all.find(
    ({ words }) =>
      words[0] === 'cmake' && words.includes('--build') && words.some((word) => TARGET.test(word)),
  )
  const isTested = target !== undefined || targetOfMake(folder, ci) !== undefined
  const included = folder.files.filter((file) => file.endsWith('.cmake')).slice(0, MOST_LISTS)
  const isMore = lists.length >= MOST_LISTS || included.length >= MOST_LISTS
  const isIncluded = isMore || (await Promise.all(included.map(folder.read))).some(mayAddTest)
  const declares = (text = '') => TESTED.test(text) || (isIncluded && ENABLED.test(text))
  // If the root enables tests, ctest finds those that folders below add.
  const options = texts.flatMap((text) => testOptions(text ?? ''))
  const isAdding = isIncluded || options.length > 0 || texts.some(mayAddTest)
  const isDeclared = (ENABLED.test(root) && isAdding) || texts.some(declares)
  // Beside autotools, `make check` runs the tests.
  const runner = isDeclared || folder.has('configure.ac') ? undefined : runnerOf(texts)
  const inBuild = pytestInBuild(folder, { all, ci, tools: /^cmake$/ })
  const build = await buildFolder(folder)
  const program = isTested || isDeclared ? undefined : programInBuild(folder, { all, ci, build })
  if (!isTested && !isDeclared && runner === undefined && inBuild === undefined && program === undefined)
    return { ecosystem, source, setup: [], checks: [] }
  const lines = all.map((line) => ({ ...line, words: joined(line.words) }))
  const testing = lines.filter(
    (line) =>
      configures(folder, line) &&
      !line.words.some(
        (word) => /TOOLCHAIN_FILE|SYSTEM_NAME|QEMU|-DANDROID_/.test(word) || leavesTestsOut(word),
      ),
  )
  const configure = testing.find(({ words }) => words.some((word) => /^-D.*TEST/i.test(word))) ?? testing[0]
  const ofCi = (configure?.words ?? []).filter(
    // Absolute paths are of the machine of CI.
    (word) => /^-D\w+(?::\w+)?=(?!\/)[\w.+/-]+$/.test(word) && !OF_MACHINE.test(word),
  )
  const given = new Set(ofCi.map((word) => /^-D(\w+)/.exec(word)?.[1]))
  const flags = [
    ...ofCi,
    // CI knows which of them its tests need.
    ...(ofCi.some(asksForTests) ? [] : [...new Set(options)])
      .filter((name) => !given.has(name))
      .map((name) => `-D${name}=ON`),
  ]
  const run = all.find(({ words }) => words[0] === 'ctest' && !words.includes('--build-and-test'))
  // Tests with EXCLUDE_FROM_ALL are only built by a target of their own.
  const has = (pattern: RegExp) => texts.some((text) => pattern.test(text ?? ''))
  const own = has(/\bEXCLUDE_FROM_ALL\b/)
    ? has(/\badd_custom_target\s{0,9}\(\s{0,20}check\b/i)
      ? 'check'
      : starterOf(texts)
    : undefined
  const named = target?.words.find((word) => TARGET.test(word)) ?? own ?? targetOfMake(folder, ci) ?? runner
  const test =
    inBuild !== undefined
      ? `cd ${build} && python3 ${inBuild.args}`
      : program !== undefined
        ? program.command
        : run === undefined && named !== undefined
          ? `cmake --build ${build} --parallel 4 --target ${named}`
          : [`ctest --test-dir ${build} --output-on-failure`, ...exclusions(run)].join(' ')
  const late = own === undefined && test.startsWith('ctest ') ? programsLeftOut(texts, all) : []
  const compile = [
    [`cmake -S . -B ${build}`, ...flags.map(shellQuote)].join(' '),
    `cmake --build ${build} --parallel 4`,
    ...(late.length === 0 ? [] : [`cmake --build ${build} --parallel 4 --target ${late.join(' ')}`]),
  ]
  const said = [inBuild?.line ?? program?.line, configure, run ?? target].filter((line) => line !== undefined)
  const isOwn = said.some(({ file }) => ci.some((line) => line.file === file))
  return {
    ecosystem,
    source,
    setup: [],
    checks: [[...compile, test].join(' && ')],
    evidence: isOwn ? said.map(evidenceOf) : [],
  }
}

/** Whether a CMake file calls something with `test` in its name, or adds a folder or file with it. */
function mayAddTest(text = ''): boolean {
  return /\b(?!enable_testing)\w{0,40}test\w{0,40}\s{0,9}\(|\badd_subdirectory\s{0,9}\([^)]{0,100}test|\binclude\s{0,9}\([^)]{0,100}test/i.test(
    text,
  )
}

/** Joins `-D A=ON` to `-DA=ON`. */
function joined(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => (word === '-D' ? [] : [words[at - 1] === '-D' ? `-D${word}` : word]))
}

/** A custom target that runs tests which ctest does not know: `add_custom_target(run_tests …)`. */
function runnerOf(texts: readonly (string | undefined)[]): string | undefined {
  return texts
    .flatMap((text = '') => [...text.slice(0, 256 * 1024).matchAll(CUSTOM)].map(([, name = '']) => name))
    .find((name) => TARGET.test(name))
}

/** A custom target that builds the tests and then runs ctest: `add_custom_target(testit COMMAND ${CMAKE_CTEST_COMMAND})`. */
function starterOf(texts: readonly (string | undefined)[]): string | undefined {
  return texts
    .map((text = '') => STARTER.exec(text.slice(0, 256 * 1024))?.[1])
    .find((name) => name !== undefined && /test/i.test(name))
}

/** Test programs that ctest runs and that only targets of their own build, by which CI builds them. */
function programsLeftOut(texts: readonly (string | undefined)[], all: SaidOutside['all']): readonly string[] {
  const built = new Set(
    all.flatMap(({ words }) => (/^(?:make|ninja|cmake)$/.test(words[0] ?? '') ? words.slice(1) : [])),
  )
  return texts
    .flatMap((text = '') => [...text.slice(0, 256 * 1024).matchAll(LEFT_OUT)])
    .flatMap(([, name = '']) => (built.has(name) ? [name] : []))
}

/** A target that CI makes in the build folder and that is not the `test` of ctest: `make a_run_tests`. */
function targetOfMake(folder: Folder, ci: SaidOutside['ci']): string | undefined {
  return ci
    .filter(
      ({ ecosystem, role, folder: place }) =>
        ecosystem === 'make' && role === 'test' && BUILDS.test(innerPath(folder, place)),
    )
    .flatMap(({ words }) => words.slice(1))
    .find((word) => /^\w{1,30}[-_]run[-_]tests$/.test(word))
}

function asksForTests(word: string): boolean {
  const name = ON.exec(word)?.[1]
  return name !== undefined && FOR_ALL_TESTS.test(name)
}

function leavesTestsOut(word: string): boolean {
  const name = OFF.exec(word)?.[1]
  return (name !== undefined && isForTests(name)) || WITHOUT_TESTS.test(word)
}

function isForTests(name: string): boolean {
  return FOR_TESTS.test(name) && !NOT_FOR_TESTS.test(name)
}

/** Names of options for tests that are off by default. */
function testOptions(text: string): readonly string[] {
  return [...text.slice(0, 256 * 1024).matchAll(OPTION)].flatMap(([, name = '', rest = '']) => {
    const isOff = /(?:^|[\s"])(?:OFF|FALSE|NO|0)\s*$/i.test(rest)
    return isOff && isForTests(name) ? [name] : []
  })
}

/** The options by which CI excludes tests from its run of ctest. */
function exclusions(line: { readonly words: readonly string[] } | undefined): readonly string[] {
  const words = line?.words ?? []
  return words.flatMap((word, at) => {
    const value = words[at + 1]
    return /^(?:-E|-LE|--exclude-regex|--label-exclude)$/.test(word) && value !== undefined
      ? [word, shellQuote(value)]
      : []
  })
}

function isForeign(file: string): boolean {
  return /(?:^|\/)(?:extern(?:al)?|3rd_?party|third_?party|vendor|deps|submodules|subprojects|contrib|examples?|fuzz\w*|bench\w*|cmake)\//i.test(
    file,
  )
}
