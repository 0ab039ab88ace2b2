import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { CiLine } from '../ci/ci-line.ts'
import { keysIn, readToml, valueAt } from '../read-manifest.ts'
import { hasLock } from './chosen-lock.ts'
import { scriptTexts } from './named-runs.ts'
import { declaresPytest, type PythonManifests } from './python-manifests.ts'
import type { PythonSetup } from './python-setup.ts'
import { readPythonTest } from './said-python-test.ts'
import type { SetupSources } from './setup-sources.ts'

const PROGRAMS = ['conda', 'mamba', 'micromamba'] as const
/** Usual places of environment files, which count if CI names no file. */
const USUAL = [
  'environment.yml',
  'environment.yaml',
  'environment-dev.yml',
  'ci/environment.yml',
  'conda/environment.yml',
]
/** Names of environments that are not for tests. */
const NOT_FOR_TESTS = /doc|build|release|deploy|lint|bench|minimal|downstream|upstream|nightly|binder/i
const MOST_FILES = 6

export interface CondaSources extends SetupSources {
  /** All lines of CI. */
  readonly all: readonly CiLine[]
  /** Whether a list of requirements names pytest. */
  readonly listsPytest: boolean
}

/**
 * Creates the conda environment that CI tests in at `.venv`, where commands look for a virtual environment, and installs the
 * package into it; or sets up pixi. Only if nothing says what pip would install for tests, since few sandboxes have conda.
 *
 * @returns undefined if pip will do, or if nothing names an environment. `check` replaces the usual test command.
 */
export async function condaSetup(
  folder: Folder,
  sources: CondaSources,
): Promise<(PythonSetup & { readonly check?: string | undefined }) | undefined> {
  if (folder.name !== '' || sources.ownEnvironment) return undefined
  const { all, needs } = sources
  const program = PROGRAMS.find((name) => folder.tools.has(name)) ?? 'conda'
  const ofCi = all.filter(
    ({ words, folder: place }) => place === '' && PROGRAMS.some((name) => words[0] === name),
  )
  const lists = filesOf(
    folder,
    ofCi.filter(({ words }) => words[1] === 'install' || words[1] === 'create'),
  )
  const own = needs.isPackage ? ['.venv/bin/python3 -m pip install --quiet --no-deps -e .'] : []
  if (isToldForPip(folder, sources, lists)) return undefined
  const environments = filesOf(folder, ofCi).filter((file) => /\.ya?ml$/.test(file))
  const usual = await usualEnvironment(folder)
  const file = environments.find((one) => /test/i.test(one)) ?? environments[0] ?? usual
  if (file !== undefined) {
    const make = program === 'micromamba' ? 'micromamba create --yes' : `${program} env create`
    return {
      commands: [`${make} --quiet --prefix .venv --file ${shellQuote(file)}`, ...own],
      python: 'python3',
    }
  }
  const texts = lists.filter((one) => one.endsWith('.txt'))
  if (texts.length > 0) {
    const files = texts.map((one) => `--file ${shellQuote(one)}`).join(' ')
    return {
      commands: [`${program} create --yes --quiet --prefix .venv pip ${files}`, ...own],
      python: 'python3',
    }
  }
  return pixiSetup(folder, sources)
}

/** Whether something says what pip would install. Lists that CI installs by conda do not count. */
function isToldForPip(
  folder: Folder,
  { manifests, runner, installs, listsPytest }: CondaSources,
  lists: readonly string[],
): boolean {
  const isInstalled = installs.some(
    ({ words, role }) =>
      role === 'install' &&
      words.some(
        (word) =>
          /^\.\[|^-r\S|^--group|^pytest(?:$|[<>=!~[])/.test(word) || folder.has(word.replace(/^-r/, '')),
      ),
  )
  if (isInstalled || hasLock(folder) || declaresPytest(manifests)) return true
  return listsPytest ? lists.length === 0 : (runner?.environment?.requirements.length ?? 0) > 0
}

/** Existing files that `-f` and `--file` name, without those for other purposes than tests. */
function filesOf(folder: Folder, lines: readonly CiLine[]): readonly string[] {
  const found = lines.flatMap(({ words }) =>
    words.flatMap((word, at) => {
      const [, joined] = /^--file=(.*)$/.exec(word) ?? []
      const value = (joined ?? (/^(?:-f|--file)$/.test(word) ? words[at + 1] : undefined))?.replace(
        /^\.\//,
        '',
      )
      return value !== undefined && folder.files.includes(value) && !NOT_FOR_TESTS.test(value) ? [value] : []
    }),
  )
  return [...new Set(found)].slice(0, MOST_FILES)
}

async function usualEnvironment(folder: Folder): Promise<string | undefined> {
  const file = USUAL.find((one) => folder.files.includes(one))
  const text = file === undefined ? undefined : await folder.read(file)
  // One line of the list is enough, so the file is not parsed as YAML.
  return text !== undefined && /^\s{0,9}-\s{1,9}pytest\b/m.test(text.slice(0, 64 * 1024)) ? file : undefined
}

async function pixiSetup(
  folder: Folder,
  { manifests, all }: CondaSources,
): Promise<(PythonSetup & { readonly check?: string | undefined }) | undefined> {
  const own = folder.has('pixi.toml')
    ? readToml(await folder.read('pixi.toml'))
    : valueAt(manifests.pyproject, ['tool', 'pixi'])
  if (own === undefined) return undefined
  const lines = all.filter(({ words, folder: place }) => place === '' && isTestOfPixi(words, manifests))
  const features = keysIn(own, ['feature'])
  const tasks = [
    ...keysIn(own, ['tasks']),
    ...features.flatMap((name) => keysIn(own, ['feature', name, 'tasks'])),
  ]
  const task = ['test', 'tests', 'pytest'].find((name) => tasks.includes(name))
  const marks = new Set(lines.flatMap(({ words }) => markOf(words) ?? []))
  // `-m slow` and `-m 'not slow'` are the two parts of one suite.
  const isWhole = ({ words }: CiLine) => {
    const mark = markOf(words)
    return mark === undefined || (mark.startsWith('not ') && !marks.has(mark.slice('not '.length)))
  }
  const said = lines.find(isWhole)?.words ?? lines.map(withoutMark)[0]
  const words = said ?? (task === undefined ? undefined : ['pixi', 'run', task])
  if (words === undefined) return undefined
  const at = words.findIndex((word) => /^(?:-e|--environment)$/.test(word))
  const environment = at === -1 || at > 3 ? [] : ['--environment', words[at + 1] ?? '']
  const install = ['pixi', 'install', ...environment].map(shellQuote).join(' ')
  return { commands: [install], python: 'pixi run python3', check: words.map(shellQuote).join(' ') }
}

const TASK = /^(?:py)?tests?(?:$|[-_:])/

/** Whether a command runs a task of pixi for tests. A task with such a name may do something else with them. */
function isTestOfPixi([program, sub, ...rest]: readonly string[], manifests: PythonManifests): boolean {
  const task = rest.find((word) => TASK.test(word))
  if (program !== 'pixi' || !/^(?:run|r)$/.test(sub ?? '') || task === undefined) return false
  const texts = scriptTexts(manifests, task)
  const isOther = (text: string) => /^python3? /.test(text) && readPythonTest(text) === undefined
  return /^(?:py)?tests?$/.test(task) || texts.length === 0 || !texts.every((text) => isOther(text.trim()))
}

/** The tests that a command chooses by a mark or a name: `not slow`; undefined if it chooses none. */
function markOf(words: readonly string[]): string | undefined {
  return words.find((_, at) => /^-[mk]$/.test(words[at - 1] ?? ''))
}

function withoutMark({ words }: CiLine): readonly string[] {
  return words.filter((word, at) => !/^-[mk]$/.test(word) && !/^-[mk]$/.test(words[at - 1] ?? ''))
}
