import type { Folder } from '../../project.ts'
import { disagreement } from '../ci/adopt-ci.ts'
import { commandWithEnv, evidenceOf, type SaidLine, type SaidOutside } from '../ci/said-lines.ts'
import { isOthers } from '../own-folders.ts'
import type { EcosystemPlan } from '../plan.ts'
import { OWN_PACKAGE } from './ci-installs.ts'
import { condaSetup } from './conda-setup.ts'
import { withImported } from './imported-needs.ts'
import { isTestedWithData } from './narrow-tests.ts'
import { requirementLists } from './pip-arguments.ts'
import { readPythonManifests } from './python-manifests.ts'
import { readPythonNeeds } from './python-needs.ts'
import { pythonRunner } from './python-runner.ts'
import { pythonSetup } from './python-setup.ts'
import { testsInFolder } from './tests-in-folder.ts'

const MANIFESTS = [
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'tox.ini',
  'pytest.ini',
  'Pipfile',
]
/** The names by which pytest and unittest find tests. */
export const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/

/**
 * Plans how a Python project in a folder is installed and tested; undefined if the folder has no Python project.
 *
 * @param wanted.hasNested whether folders below are projects with tests of their own.
 * @param wanted.hasCi whether the repository has a CI, even one that could not be read.
 * @param wanted.isPart whether a Python project in a folder around this one has tests.
 * @param wanted.ownEnvironment whether the project gets a virtual environment in its folder; else it shares the one at the
 *   root of the workspace, where commands find programs without a path.
 */
export async function pythonPlan(
  folder: Folder,
  {
    ownEnvironment = false,
    hasNested = false,
    isPart = false,
    hasCi = false,
    said,
  }: {
    readonly ownEnvironment?: boolean
    readonly hasNested?: boolean
    readonly isPart?: boolean
    readonly hasCi?: boolean
    readonly said: SaidOutside
  },
): Promise<EcosystemPlan | undefined> {
  const lists = requirementLists(folder)
  const tests = folder.files.filter((file) => TEST_FILE.test(file) && !isOthers(file))
  const [source] = [...MANIFESTS.filter(folder.has), ...lists, ...tests]
  if (source === undefined || isTestedWithData(folder, said.ci)) return undefined
  const manifests = await readPythonManifests(folder)
  const own = (lines: SaidOutside['ci']) =>
    lines.filter((line) => line.folder === folder.name && line.ecosystem === 'Python')
  const texts = await Promise.all(lists.map(folder.read))
  const listsPytest = texts.some((text) => /^\s{0,9}pytest(?![\w.])/im.test(text ?? ''))
  const usualRunner = await pythonRunner(folder, {
    manifests,
    tests,
    ofCi: own(said.ci).filter(({ role }) => role === 'test'),
    ofTexts: own(said.documents).filter(({ role }) => role === 'test'),
    hasNested,
    isPart,
    hasCi: hasCi || said.all.length > 0,
    isTestedByMake: said.ci.some(
      (line) => line.folder === folder.name && line.ecosystem === 'make' && line.role === 'test',
    ),
    listsPytest,
  })
  const testFolders = new Set(
    tests.flatMap((file) => /^(?:\S{0,200}\/)?(?:unit)?tests?(?=\/)/.exec(inFolder(folder, file))?.[0] ?? []),
  )
  const inTests = said.ci.filter((line) => line.ecosystem === 'Python' && testFolders.has(line.folder))
  const ofFolder = testsInFolder(usualRunner, { own: own(said.ci), inTests })
  const runner = ofFolder ?? usualRunner
  const installs = jobOf(own(said.ci), { job: runner?.line?.job ?? runner?.job, inTests })
  const needs = readPythonNeeds(manifests)
  const sources = { manifests, needs, runner, installs, ownEnvironment, listsPytest, all: said.all }
  const conda = runner === undefined ? undefined : await condaSetup(folder, sources)
  const { commands: declared, python } = conda ?? pythonSetup(folder, sources)
  const isDirect = runner?.tests.some(({ module }) => /^(?:pytest|unittest)?$/.test(module)) === true
  const commands =
    isDirect && conda === undefined && !/^(?:uv|poetry|pdm|pipenv) /.test(python)
      ? await withImported(declared, folder, { manifests, tests, all: said.all })
      : declared
  const copies = (runner?.environment?.commands ?? []).filter((command) =>
    /^cp [\w./-]+ [\w./-]+$/.test(command),
  )
  const usual = (runner?.tests ?? []).map(({ args }) =>
    commandWithEnv(
      { env: [...(runner?.environment?.env ?? []), ...envFor(runner?.line, args)] },
      `${python} ${args}`,
    ),
  )
  const start = folder.name === '' ? 0 : folder.name.length + 1
  const inner = runner?.environment?.folder ?? ofFolder?.line?.folder.slice(start) ?? ''
  const isThere = folder.files.some((file) => file.startsWith(`${inner}/`))
  const moved = inner !== '' && isThere ? usual.map((command) => `cd ${inner} && ${command}`) : usual
  // A list for documentation may name pytest, to test examples of its texts.
  const isOfTexts =
    /(?:^|\/)docs?$/.test(folder.name) &&
    !MANIFESTS.some(folder.has) &&
    !said.ci.some((line) => line.folder === folder.name)
  const checks = isOfTexts ? [] : conda?.check === undefined ? moved : [conda.check]
  const meant = runner?.declared === undefined ? [] : [`${python} ${runner.declared.args}`]
  return {
    ecosystem: 'Python',
    source,
    setup: isOfTexts ? [] : [...commands, ...copies],
    checks,
    evidence: [
      ...(runner?.line === undefined ? [] : [evidenceOf(runner.line)]),
      ...(runner?.environment === undefined ? [] : [{ file: inFolder(folder, runner.environment.source) }]),
      ...installs
        .filter(({ role }) => role === 'install')
        .slice(0, 3)
        .map(evidenceOf),
    ],
    disagreements: disagreement({ source, checks: meant }, { checks, file: runner?.line?.file ?? source }),
  }
}

/** Variables of the line of CI; `TOXENV` and `NOXSESSION` only for commands that run tox or nox. */
function envFor(line: SaidLine | undefined, args: string): readonly string[] {
  const isMaker = /^-m (?:tox|nox)\b/.test(args)
  return (line?.env ?? []).filter((one) => isMaker || !/^(?:TOXENV|NOXSESSION)=/.test(one))
}

/** Lines of the job that runs the tests. If it is not known, the installing lines of a job whose name is about tests. */
function jobOf(
  lines: readonly SaidLine[],
  { job, inTests }: { readonly job: string | undefined; readonly inTests: readonly SaidLine[] },
): readonly SaidLine[] {
  const isForTests = ({ file, jobName = '', role, words }: SaidLine) =>
    role === 'install' &&
    words.some(
      (word) =>
        OWN_PACKAGE.test(word) ||
        /^(?:-r|--requirement|--group|--extra|--extras|--with|\.{1,2})(?:$|[=/[])|^--all-(?:extras|groups)$|^-r\S|^[\w-]+\/[\w./-]*\[/.test(
          word,
        ),
    ) &&
    !/lint|docs?\b|typ(?:es|ing)|mypy|format|style|quality|build|package|publish|audit|tutorial|example|notebook|bench/i.test(
      `${jobName}`,
    ) &&
    /tests?\b|unit|pytest|(?:^|[^a-z])ci\b/i.test(`${file} ${jobName}`)
  if (job !== undefined) return lines.filter((line) => line.job === job)
  // CI may go to the folder of the tests first.
  const testsOf = (from: readonly SaidLine[]) =>
    new Set(from.filter(({ role }) => role === 'test').map((line) => line.job))
  const fit = lines.filter(isForTests)
  const ofJobs = (jobs: ReadonlySet<string>) => fit.find((line) => jobs.has(line.job))
  const chosen = (ofJobs(testsOf(lines)) ?? ofJobs(testsOf(inTests)) ?? fit[0])?.job
  return lines.filter((line) => line.job === chosen && isForTests(line))
}

function inFolder({ name }: Folder, file: string): string {
  return name === '' ? file : `${name}/${file}`
}
