import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { CiLine } from '../ci/ci-line.ts'
import type { IniFile } from '../read-ini.ts'
import { keysIn, stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'
import { requirementsOf } from './python-needs.ts'
import { importsOfTests } from './test-imports.ts'

/** Packages that are named otherwise than the module that they bring. Others differ in `-` and `_` only. */
const PACKAGES: Readonly<Record<string, string>> = {
  attr: 'attrs',
  bs4: 'beautifulsoup4',
  cv2: 'opencv-python',
  dateutil: 'python-dateutil',
  docx: 'python-docx',
  dotenv: 'python-dotenv',
  git: 'gitpython',
  jwt: 'pyjwt',
  OpenSSL: 'pyopenssl',
  PIL: 'pillow',
  serial: 'pyserial',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  yaml: 'pyyaml',
  zmq: 'pyzmq',
}
/** Modules of Python itself, whose names packages for old versions have as well. */
const OF_PYTHON = /^(?:argparse|asyncio|contextvars|dataclasses|enum|importlib|pathlib|typing|unittest)$/
const REQUIREMENT = /^[A-Za-z][\w.-]{0,80}(?:\[[\w, -]{1,80}\])?(?:\s?[<>=!~]=?[\w.*<>=!~, -]{1,60})?$/
/** Lists in a setup.py that name requirements: `tests_require = [`, `"docs": [`, `extras["test"] = [`. Others name its packages. */
const LISTS_OF_SETUP =
  /(?:\b\w{0,40}(?:require|extra|deps|test|dev)\w{0,40}\s{0,9}\+?=|["'][\w-]{1,60}["']\]?\s{0,9}(?::|\+?=))\s{0,9}[[(]([^\])]{0,4000})[\])]/gi
const MOST_TEXTS = 24
const MOST_CHARACTERS = 64 * 1024
const MOST_ADDED = 12

interface Sources {
  readonly manifests: PythonManifests
  /** Files with tests. */
  readonly tests: readonly string[]
  /** All lines of CI. */
  readonly all: readonly CiLine[]
}

/**
 * Adds to the last `pip install` what tests import and no command installs, if the repository itself names it for another
 * purpose: in an extra, a group, a list, an environment of tox or a job of CI. A package that the repository does not name
 * is never installed, since anyone can give a package the name of a module.
 */
export async function withImported(
  commands: readonly string[],
  folder: Folder,
  sources: Sources,
): Promise<readonly string[]> {
  const last = commands.findLastIndex((command) => /\bpip install\b/.test(command))
  if (last === -1) return commands
  const [installed, named] = await Promise.all([
    installedBy(commands, folder, sources.manifests),
    namedAnywhere(folder, sources),
  ])
  const own = ownNames(sources.manifests)
  const left = new Map([...named].filter(([name]) => !installed.has(name) && !own.has(name)))
  if (left.size === 0) return commands
  const { modules, plugins } = await importsOfTests(folder, sources.tests)
  const wanted = [
    ...[...modules].filter((name) => !OF_PYTHON.test(name) && !isOwn(folder, name)).map(packageOf),
    ...plugins,
  ]
  const added = [...new Set(wanted)].flatMap((name) => left.get(name) ?? []).slice(0, MOST_ADDED)
  if (added.length === 0) return commands
  return commands.map((command, at) =>
    at === last ? [command, ...added.map(shellQuote)].join(' ') : command,
  )
}

function packageOf(module: string): string {
  return plainName(PACKAGES[module] ?? module)
}

function plainName(requirement: string): string {
  return (/^[\w.-]{1,80}/.exec(requirement)?.[0] ?? '').toLowerCase().replace(/[-_.]+/g, '-')
}

/** The names of the project itself, which its extras may name. */
function ownNames({ pyproject, setupCfg, setupPy }: PythonManifests): ReadonlySet<string> {
  return new Set(
    [
      ...stringsIn(pyproject, ['project', 'name']),
      ...stringsIn(pyproject, ['tool', 'poetry', 'name']),
      ...valuesIn(setupCfg, 'metadata', 'name'),
      /\bname\s{0,9}=\s{0,9}["']([\w.-]{1,80})/.exec(setupPy)?.[1] ?? '',
    ].map(plainName),
  )
}

/** Whether a folder or a file of the repository has the module's name. */
function isOwn({ files }: Folder, module: string): boolean {
  return files.some((file) => file.split('/').some((part) => part === module || part === `${module}.py`))
}

/** Names of the packages that commands install, as far as manifests and lists tell. */
async function installedBy(
  commands: readonly string[],
  folder: Folder,
  manifests: PythonManifests,
): Promise<ReadonlySet<string>> {
  const words = commands.flatMap((command) => command.replace(/['"]/g, '').split(' '))
  const lists = words.filter((_, at) => words[at - 1] === '-r').map((path) => path.replace(/^\.\//, ''))
  const extras = words.flatMap((word) => /^\.\/?\[([\w,-]{1,200})\]$/.exec(word)?.[1]?.split(',') ?? [])
  const isInstalled = words.some((word) => /^\.(?:\/?\[|$)/.test(word))
  const own = isInstalled ? declaredNeeds(manifests, extras) : []
  const ofLists = await Promise.all(lists.slice(0, MOST_TEXTS).map((path) => listLines(folder, path)))
  return new Set([...words, ...own, ...ofLists.flat()].map(plainName))
}

/** What the project needs, with these extras. A program such as `setup.py` does not tell which strings are for what. */
function declaredNeeds(
  { pyproject, setupCfg, setupPy }: PythonManifests,
  extras: readonly string[],
): readonly string[] {
  const ofScript = /\binstall_requires\s{0,9}=\s{0,9}\[([^\]]{0,4000})\]/.exec(setupPy)?.[1] ?? ''
  return [
    ...stringsIn(pyproject, ['project', 'dependencies']),
    ...keysIn(pyproject, ['tool', 'poetry', 'dependencies']),
    ...extras.flatMap((name) => [
      ...stringsIn(pyproject, ['project', 'optional-dependencies', name]),
      ...valuesIn(setupCfg, 'options.extras_require', name),
    ]),
    ...valuesIn(setupCfg, 'options', 'install_requires'),
    ...stringsOfProgram(ofScript),
  ]
}

/** The lines of a list and of the lists that it names. */
async function listLines(folder: Folder, path: string, depth = 0): Promise<readonly string[]> {
  const text = ((await folder.read(path)) ?? '').slice(0, MOST_CHARACTERS)
  const lines = text.split('\n').map((line) => line.replace(/(?:^|\s)[#;].*$/, '').trim())
  const inner = lines.flatMap((line) => /^-r ?(\S{1,200})$/.exec(line)?.[1] ?? []).slice(0, MOST_TEXTS)
  const start = path.split('/').slice(0, -1)
  const more =
    depth > 1
      ? []
      : await Promise.all(inner.map((name) => listLines(folder, [...start, name].join('/'), depth + 1)))
  return [...lines, ...more.flat()]
}

/** Everything that the repository installs anywhere, by name, each with its requirement. */
async function namedAnywhere(folder: Folder, sources: Sources): Promise<ReadonlyMap<string, string>> {
  const { manifests, all } = sources
  const { pyproject, setupCfg, toxIni, setupPy, noxfile } = manifests
  const lists = folder.files.filter((file) =>
    /requirements?[^/]*\.txt$|^requirements\/[^/]*\.txt$/.test(file),
  )
  const programs = folder.files.filter((file) => /^[\w-]{0,40}requir[\w-]{0,40}\.py$/.test(file))
  const read = (names: readonly string[]) => Promise.all(names.slice(0, MOST_TEXTS).map(folder.read))
  const [ofLists, ofPrograms] = await Promise.all([read(lists), read(programs)])
  const environments = valueAt(pyproject, ['tool', 'hatch', 'envs'])
  const groups = [
    ...keysIn(pyproject, ['dependency-groups']),
    ...keysIn(pyproject, ['tool', 'poetry', 'group']),
  ]
  const said = [
    ...keysIn(pyproject, ['project', 'optional-dependencies']).flatMap((name) =>
      stringsIn(pyproject, ['project', 'optional-dependencies', name]),
    ),
    ...groups.flatMap((name) => requirementsOf(pyproject, name)),
    ...keysIn(environments, []).flatMap((name) => [
      ...stringsIn(environments, [name, 'dependencies']),
      ...stringsIn(environments, [name, 'extra-dependencies']),
    ]),
    ...[...(setupCfg.get('options.extras_require')?.keys() ?? [])].flatMap((name) =>
      valuesIn(setupCfg, 'options.extras_require', name),
    ),
    ...[...toxIni.keys()].flatMap((section) =>
      valuesIn(toxIni, section, 'deps').map((line) => line.replace(/^[\w{},!.-]{1,80}:\s+/, '')),
    ),
    ...ofLists.flatMap((text) => (text ?? '').slice(0, MOST_CHARACTERS).split('\n')),
    ...listsIn(setupPy, LISTS_OF_SETUP),
    ...listsIn(noxfile, /\.install\(([^()]{0,2000})\)/g),
    ...ofPrograms.flatMap((text) => stringsOfProgram(text ?? '')),
    ...all
      .filter(({ words, folder: place }) => place === folder.name && words.includes('install'))
      .flatMap(({ words }) => words.slice(words.indexOf('install') + 1)),
  ]
  const found = new Map<string, string>()
  for (const one of said) {
    const plain = one
      .slice(0, 200)
      .replace(/[#;].*$/, '')
      .trim()
    const name = plainName(plain)
    if (!REQUIREMENT.test(plain)) continue
    // Where several places ask for other versions, or one asks for a single version, the project's own limits decide.
    const known = found.get(name)
    const isSure = (known === undefined || known === plain) && !plain.includes('==')
    found.set(name, isSure ? plain : (/^[\w.-]+/.exec(plain)?.[0] ?? name))
  }
  return found
}

function valuesIn(file: IniFile, section: string, key: string): readonly string[] {
  return (file.get(section)?.get(key) ?? '').split('\n')
}

function listsIn(text: string, lists: RegExp): readonly string[] {
  return [...text.matchAll(lists)].flatMap(([, list = '']) => stringsOfProgram(list))
}

function stringsOfProgram(text: string): readonly string[] {
  const found = text.slice(0, MOST_CHARACTERS).matchAll(/"([^"\n]{1,120})"|'([^'\n]{1,120})'/g)
  return [...found].map(([, double, single]) => double ?? single ?? '')
}
