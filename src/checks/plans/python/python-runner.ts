import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { depthOfTests, isOfExamples, needsMoreThanUnits } from './fit-tests.ts'
import { hatchEnvironment } from './hatch-environment.ts'
import { chosenByVariables, explain, PYTEST, scriptTexts, toolOf, toolRun, withNamed } from './named-runs.ts'
import { listedFiles, needsData } from './narrow-tests.ts'
import { declaresPytest, namesPytest, type PythonManifests } from './python-manifests.ts'
import { type PythonTest, readPythonTest } from './said-python-test.ts'
import { noxEnvironment, type TestEnvironment } from './test-environments.ts'
import { toxEnvironment } from './tox-environment.ts'
import { wheelEnvironment } from './wheel-tests.ts'

/** How the tests of a Python project are run. */
export interface PythonRunner {
  readonly tests: readonly PythonTest[]
  /** The environment that tox, nox or hatch would create for the tests. */
  readonly environment?: TestEnvironment | undefined
  /** The line of CI, or of a text for people, that runs the tests. */
  readonly line?: SaidLine | undefined
  /** The test that the manifests alone suggest. */
  readonly declared?: PythonTest | undefined
  /** A job of CI that runs the same tests in a way that a sandbox cannot. Its lines say what to install. */
  readonly job?: string | undefined
  /** True if CI tests without the tool of the environment. What CI installs then counts first. */
  readonly isUnused?: boolean | undefined
}

/** Tests in another runtime. */
const ELSEWHERE = /emscripten|pyodide|wasm/i
/** Names of jobs that test with unusual versions of dependencies. */
const OLD =
  /old|lowest|minim|(?:^|[-_])min(?:$|[-_])|legacy|pre-?release|nightl(?:y|ies)|upstream|(?:^|[-_])dev(?:el|deps)?$/i
/** Environments for coverage alone, which also judge and upload it. */
const COVERAGE = /\b(?:tox|nox)\b.{0,200} -[es][ =]?\w{0,40}cov/
/** Environments for the oldest versions that are supported. */
const OLDEST =
  /\b(?:tox|nox)\b.{0,200} -[es][ =]?["']?[\w.-]{0,40}(?:min(?:imum|imal)?(?:[-_]?(?:deps|versions?|requirements))?|old(?:est)?(?:[-_]?deps)?|lowest[\w-]*)["']?(?: |$)/
const OF_TESTS = /(?:^|\/)(?:tests?\/.*|tests?|conftest)\.py$/
const MOST = 2

interface Sources {
  readonly manifests: PythonManifests
  /** Paths of files with tests, recognised by their names. */
  readonly tests: readonly string[]
  /** Lines of CI that test; `ofTexts` are those of texts for people. */
  readonly ofCi: readonly SaidLine[]
  readonly ofTexts: readonly SaidLine[]
  /** Whether a list of requirements names pytest. */
  readonly listsPytest: boolean
  /** Whether folders below are projects with tests of their own. */
  readonly hasNested: boolean
  /** Whether a Python project in a folder around this one has tests. */
  readonly isPart: boolean
  /** Whether the repository has a CI. */
  readonly hasCi: boolean
  /** Whether CI tests the folder by targets of make. */
  readonly isTestedByMake: boolean
}

/** How to run the tests: as CI does, else as manifests, texts for people and the tests themselves say; undefined if nothing does. */
export async function pythonRunner(folder: Folder, sources: Sources): Promise<PythonRunner | undefined> {
  const { manifests, ofCi, ofTexts } = sources
  const declared = await declaredTest(folder, sources)
  // Environments that are named after a version of Python come before others.
  const named = (line: SaidLine) =>
    OLD.test(line.jobName ?? '')
      ? 3
      : [line.jobName ?? '', ...line.env].some((one) => /sqlite/i.test(one)) ||
          /-[es][ =]?["']?(?:ci-)?(?:py|tests?(?:[-_(]?\d|$|["'\s]))/.test(line.command)
        ? 0
        : /\b(?:tox|nox)\b.* -[es]/.test(line.command)
          ? 2
          : 1
  const said = ofCi
    .toSorted((a, b) => named(a) - named(b))
    .flatMap((line) => {
      const found = explain(withNamed(readPythonTest(line.command), line, manifests), manifests)
      return found.tests.map((test) => ({ test, line, environment: found.environment }))
    })
  const isNarrow = said.length > 0 && !said.some(({ test }) => test.isWhole)
  // What CI fetches before its tests, all of them need.
  if (isNarrow && said.every(({ test }) => needsData(folder, test))) return undefined
  const listed = isNarrow ? listedFiles(folder, said) : undefined
  if (listed !== undefined) return { tests: [listed.test], line: listed.line, declared }
  const all = said.filter(
    ({ test, line }) =>
      test.isWhole &&
      !line.needsMore &&
      !(declared !== undefined && OLDEST.test(line.command)) &&
      !needsMoreThanUnits(test) &&
      exists(folder, test),
  )
  const plain = all.filter(({ line }) => !COVERAGE.test(line.command))
  const units = plain.filter(({ test }) => !isOfExamples(test))
  const fit = [units, plain, all].find((found) => found.length > 0) ?? []
  const first = fit.toSorted((a, b) => depthOfTests(a.test) - depthOfTests(b.test))[0]
  // If CI only tests a nested folder with pytest, what the manifests declare is more.
  const isPart =
    first?.environment === undefined &&
    first !== undefined &&
    depthOfTests(first.test) > 1 &&
    declared?.module === 'pytest'
  if (first !== undefined && !isPart) {
    const same = fit
      .filter(
        ({ line, test }) => line.job === first.line.job && depthOfTests(test) === depthOfTests(first.test),
      )
      .map(({ test }) => test)
    const tests = same.filter(
      ({ args }, at) =>
        same.findIndex((one) => one.args === args) === at &&
        // Drops a command that runs a part of another one.
        !same.some((one) => args.startsWith(`${one.args} -`)),
    )
    return { tests: tests.slice(0, MOST), environment: first.environment, line: first.line, declared }
  }
  // A test program of the repository counts more than a guess by file names, even if CI gives it what a sandbox lacks.
  const isGuess = declared?.module === 'pytest' && !declaresPytest(manifests) && !sources.listsPytest
  const own = said.find(
    ({ test, environment }) =>
      test.isWhole && test.module === '' && environment === undefined && exists(folder, test),
  )
  if (isGuess && own !== undefined) return { tests: [own.test], line: own.line, declared }
  if (declared !== undefined) {
    const tools = new Set(ofCi.map(({ command }) => toolOf(readPythonTest(command))))
    // If CI runs nox and not tox, the configuration of tox may be outdated.
    const ofTox =
      tools.has('nox') && !tools.has('tox')
        ? undefined
        : toxEnvironment(manifests, chosenByVariables(manifests, ofCi))
    // Where a manifest lists what tests need, that is more than the least that wheels are tested with.
    const ofWheels =
      declaresPytest(manifests) || sources.listsPytest ? undefined : wheelEnvironment(manifests)
    const ofTools = ofTox ?? noxEnvironment(manifests) ?? hatchEnvironment(manifests)
    const isPytest = ({ test, line }: Pick<(typeof said)[number], 'test' | 'line'>) =>
      test.module === 'pytest' && !OLD.test(line.jobName ?? '')
    const same = declared.module === '' && own?.test.args.split(' ', 1)[0] === declared.args
    // A job that runs pytest by a manager shows which groups to install, even if a sandbox cannot run it as it is.
    const like = said.find(
      ({ test, line }) =>
        isPytest({ test, line }) && test.isWhole && /^(?:uv|poetry|pdm)$/.test(line.words[0] ?? ''),
    )
    const isDirect =
      ofTools !== undefined && said.length > 0 && !['tox', 'nox', 'hatch'].some((tool) => tools.has(tool))
    const direct = isDirect && declared.module === 'pytest' ? (like ?? said.find(isPytest)) : like
    const job = same ? own?.line.job : declared.module === 'pytest' ? direct?.line.job : undefined
    // What CI does not test with, it may not keep up to date.
    const isUnused = isDirect && direct !== undefined
    return { tests: [declared], environment: ofTools ?? ofWheels, declared, job, isUnused }
  }
  const told = [
    ...said,
    ...ofTexts
      .map((line) => ({ line, found: explain(readPythonTest(line.command), manifests) }))
      .flatMap(({ line, found }) =>
        found.tests.map((test) => ({ test, line, environment: found.environment })),
      ),
  ].find(
    ({ test }) =>
      exists(folder, test) && !ELSEWHERE.test(test.args) && (test.isWhole || test.module !== 'unittest'),
  )
  return told && { tests: [told.test], environment: told.environment, line: told.line }
}

/** Whether the test's program, or its own package after `--pyargs`, exists in the folder. */
function exists(folder: Folder, { args }: PythonTest): boolean {
  // `--pyargs` may name another, installed package, whose tests do not count.
  const named = / --pyargs (\w+)/.exec(args)?.[1]
  const isOwn = (name: string) =>
    folder.files.some((file) => file.startsWith(`${name}/`) || file.startsWith(`src/${name}/`))
  if (named !== undefined && !isOwn(named)) return false
  const program = /^(?:-m unittest )?([\w./-]+\.py)(?= |$)/.exec(args)?.[1]
  return program === undefined || folder.has(program.replace(/^\.\//, '')) || folder.files.includes(program)
}

async function declaredTest(
  folder: Folder,
  { manifests, tests, listsPytest, hasNested, isPart, hasCi, ofCi, isTestedByMake }: Sources,
): Promise<PythonTest | undefined> {
  const ofTox = explain({ tool: 'tox', name: chosenByVariables(manifests, ofCi) }, manifests)
  const hasTox = toxEnvironment(manifests) !== undefined || folder.has('tox.ini')
  const isElsewhere =
    tests.length === 0 && hasNested && !folder.files.some((file) => /(?:^|\/)conftest\.py$/.test(file))
  // Has manifests but no tests, inside a larger project that has tests.
  const isBare = isPart && tests.length === 0 && !folder.files.some((file) => OF_TESTS.test(file))
  if (isBare) return undefined
  // Maintainers run pytest as tox does, with the folders and exclusions that tox adds.
  const [narrowed] = ofTox.tests
  const isTold = narrowed?.module === 'pytest' && narrowed.isWhole && !needsMoreThanUnits(narrowed)
  // A program of the repository that CI runs by tox is more than options for pytest.
  const isProgram =
    narrowed?.module === '' &&
    !declaresPytest(manifests) &&
    !listsPytest &&
    ofCi.some(({ command }) => toolOf(readPythonTest(command)) === 'tox')
  if ((namesPytest(manifests) || listsPytest) && !isElsewhere && !isProgram) return isTold ? narrowed : PYTEST
  // An environment that only calls make says less than the targets that CI runs instead.
  const isOfMake =
    isTestedByMake &&
    toxEnvironment(manifests)?.commands.every((command) => command.startsWith('make ')) === true &&
    !ofCi.some(({ command }) => toolOf(readPythonTest(command)) === 'tox')
  if (hasTox && ofTox.tests[0] !== undefined && !isOfMake) return ofTox.tests[0]
  const ofNox = explain({ tool: 'nox', name: undefined }, manifests)
  const session = /^def (tests?|unit_tests?|unit)\(/m.exec(manifests.noxfile)?.[1]
  if (session !== undefined && tests.length > 0) {
    return ofNox.environment === undefined ? toolRun('nox', session) : ofNox.tests[0]
  }
  const ofWheels = wheelEnvironment(manifests)?.commands.flatMap((text) => readPythonTest(text) ?? []) ?? []
  const [wheelTest] = ofWheels.filter((one): one is PythonTest => 'args' in one && one.isWhole)
  if (wheelTest !== undefined) return wheelTest
  // If nothing names pytest, and CI tests without it, files that are named like its tests may be something else.
  const isOther = ofCi.every((line) => {
    const said = explain(readPythonTest(line.command), manifests).tests
    return said.length > 0 && said.every(({ module, isWhole }) => module !== 'pytest' && !isWhole)
  })
  const guess = hasCi && isOther ? undefined : PYTEST
  if (folder.files.some((file) => /(?:^|\/)conftest\.py$/.test(file))) return guess
  const tasks = ['test', 'tests', 'unit'].flatMap((name) => scriptTexts(manifests, name))
  const scripted = tasks.flatMap((text) => readPythonTest(text) ?? []).find((one) => 'args' in one)
  if (scripted !== undefined && 'args' in scripted) return scripted
  const isDjango = folder.has('manage.py') && tests.length > 0
  if (isDjango || (folder.has('manage.py') && folder.files.some((file) => /(?:^|\/)tests\.py$/.test(file)))) {
    return { args: 'manage.py test', module: '', isWhole: true }
  }
  if (tests.length === 0) return undefined
  const program = ['runtests.py', 'run_tests.py'].find(folder.has)
  if (program !== undefined) return { args: program, module: '', isWhole: true }
  const texts = await Promise.all(tests.slice(0, 8).map(folder.read))
  const unittest = texts.every((text) => /\bunittest\b/.test(text ?? '') && !/\bpytest\b/.test(text ?? ''))
  return unittest
    ? { args: `-m ${unittestCommand(folder, tests)}`, module: 'unittest', isWhole: true }
    : guess
}

/** The command for unittest's discovery, which by default finds files like `test_a.py` in folders that are packages. */
function unittestCommand(folder: Folder, tests: readonly string[]): string {
  const [start] = tests.map((file) => file.split('/').slice(0, -1).join('/'))
  const usual = tests.some((file) => /(?:^|\/)test[^/]*$/.test(file))
  const names = usual ? '' : " -p '*_test.py'"
  if (!start) return `unittest discover${names}`
  // With `-t`, unittest cannot import a start folder that is not a package.
  const top = folder.has(`${start}/__init__.py`) ? ' -t .' : ''
  return `unittest discover -s ${start}${top}${names}`
}
