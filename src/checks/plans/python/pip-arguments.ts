import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { groupOptions, hasList, isListed, isPinned, listsTests, pipInstalls } from './ci-installs.ts'
import type { PythonManifests } from './python-manifests.ts'
import { type PythonNeeds, requirementsOf } from './python-needs.ts'
import type { PythonRunner } from './python-runner.ts'
import type { SetupSources } from './setup-sources.ts'

const MOST_LISTS = 8
/** Paths of files that list requirements for the project itself and for its tests. */
const LISTS = [
  /^requirements\.txt$/,
  /^requirements[-_.](?:dev|tests?|testing|develop|development|ci|local)\.txt$|^(?:dev|tests?|testing)[-_]requirements\.txt$/,
  /^(?:requirements|reqs)\/(?:base|common|main|default|requirements|test[-_]ci[-_]\w+|dev|tests?|testing|develop|development|ci|local)\.txt$/,
  /^(?:tests?|ci|dev)\/(?:requirements|test[-_]requirements|requirements[-_](?:dev|tests?|ci|linux))\.txt$/i,
]

export function requirementLists(folder: Folder): readonly string[] {
  const found = LISTS.flatMap((pattern) => folder.files.filter((file) => pattern.test(file)).toSorted())
  return [...new Set(found)].slice(0, MOST_LISTS)
}

/** The arguments of each `pip install`: those of CI, else requirement files, the package with its extras, and groups. */
export function pipArguments(
  folder: Folder,
  { manifests, needs, runner, installs }: SetupSources,
): readonly string[] {
  const environment = tellingEnvironment(runner)
  const ofCi = pipInstalls(folder, { lines: installs, pyproject: manifests.pyproject })
  // If CI installs only the package, that is not all that its tests need.
  const isTelling =
    ofCi.some((one) => !/^-e \.$|^-e '?\.'?$/.test(one)) && isForTests(ofCi, { needs, runner })
  const lists = requirementLists(folder)
  const isInstead = runner?.isUnused === true && ofCi.some(listsTests) && !ofCi.some(isPinned)
  if (isTelling && (environment === undefined || isInstead)) return withPackage(ofCi, { needs, lists })
  const wanted = (environment?.requirements ?? []).flatMap((one) => requirement(folder, one))
  const named = [...wanted, ...(environment === undefined ? needs.grouped.map(shellQuote) : [])]
  const extras =
    environment === undefined
      ? [...new Set([...needs.extras, ...syncedExtras(installs)])]
      : withExtrasOfCi(environment.extras, ofCi)
  const grouped =
    environment === undefined ? [] : environment.groups.flatMap((name) => groupTexts(manifests, name))
  // If nothing says how the project is built, it is only sure to be installable with its package in `src`.
  const isPackage = needs.isPackage || (needs.isBare && hasPackageInSrc(folder))
  const own = isPackage
    ? [extras.length > 0 ? `-e '.[${extras.join(',')}]'` : '-e .']
    : needs.dependencies.map(shellQuote)
  const files = environment === undefined || wanted.length === 0 ? lists.map((file) => `-r ${file}`) : []
  const all = [...new Set([...files, ...own, ...named, ...grouped])]
  return all.length === 0 ? [] : [all.join(' ')]
}

/** Whether `src` may hold a package: the sources of a native build would be taken for one. */
function hasPackageInSrc({ files }: Folder): boolean {
  const inside = files.filter((file) => file.startsWith('src/'))
  const isNative =
    /^src\/(?:[^/]+\.(?:[ch]|cc|cpp|cxx|hpp|rs|zig|go|ts|js)|CMakeLists\.txt|meson\.build|Makefile\S*)$/
  return inside.length > 0 && !inside.some((file) => isNative.test(file))
}

/** Whether CI installs for tests. A job that runs no known tests must install more than tools. */
function isForTests(
  installs: readonly string[],
  { needs, runner }: Pick<SetupSources, 'needs' | 'runner'>,
): boolean {
  const hasOwn = needs.extras.length > 0 || needs.grouped.length > 0
  return (
    !hasOwn || runner?.line !== undefined || installs.some((one) => isListed(one) || /\bpytest\b/.test(one))
  )
}

/** The extras of `uv sync --extra optional` in CI, for projects without a committed lock file. */
function syncedExtras(installs: readonly SaidLine[]): readonly string[] {
  const said = groupOptions(installs, 'uv') ?? []
  return said.filter((_, at) => said[at - 1] === '--extra')
}

/** The extras of the package that CI installs by pip. */
export function extrasOfCi(installs: readonly string[]): readonly string[] {
  return installs.flatMap((one) => /-e '?\.\[([\w,-]{1,200})\]/.exec(one)?.[1]?.split(',') ?? [])
}

/** The extras of an environment, or those that CI installs if they include all of these. */
export function withExtrasOfCi(extras: readonly string[], installs: readonly string[]): readonly string[] {
  const said = extrasOfCi(installs)
  return extras.length > 0 && extras.every((name) => said.includes(name)) ? [...new Set(said)] : extras
}

/** The environment of the runner if it installs something; undefined if it only names commands. */
function tellingEnvironment(runner: PythonRunner | undefined): PythonRunner['environment'] {
  const environment = runner?.environment
  const isEmpty =
    environment?.requirements.length === 0 &&
    environment.extras.length === 0 &&
    environment.groups.length === 0
  return isEmpty ? undefined : environment
}

/** Adds the package itself, which CI may install as a built wheel instead. */
function withPackage(
  installs: readonly string[],
  { needs, lists }: { readonly needs: PythonNeeds; readonly lists: readonly string[] },
): readonly string[] {
  // CI may only install versions of a matrix here, which are not all that the tests need.
  const isAll = installs.some((one) => isListed(one) || /\bpytest\b/.test(one))
  const forTests = isAll ? [] : lists.filter((file) => /test/.test(file)).map((file) => `-r ${file}`)
  const extras = isAll || needs.extras.length === 0 ? '' : `[${needs.extras.join(',')}]`
  const own = extras === '' ? '-e .' : `-e '.${extras}'`
  const bare = /(?<=^|\s)-e \.(?=\s|$)/
  const said = installs.map((one) => one.replace(bare, own))
  const hasOwn = said.some((one) => /(?:^|\s)-e /.test(one))
  const more = [...forTests, ...(hasOwn || !needs.isPackage ? [] : [own])]
  return more.length === 0 ? said : [...said, more.join(' ')]
}

function groupTexts({ pyproject }: PythonManifests, name: string): readonly string[] {
  return requirementsOf(pyproject, name).map(shellQuote)
}

/** Arguments of pip for one line of tox's `deps`; none if it names a file that does not exist, or something from elsewhere. */
function requirement(folder: Folder, line: string): readonly string[] {
  const [, option, file] = /^(-[rc])\s?(\S+)$/.exec(line) ?? []
  if (option !== undefined && file !== undefined) {
    const path = file.replace(/^\{(?:toxinidir|tox_root)\}\//, '').replace(/^\.\//, '')
    return hasList(folder, path) ? [`${option} ${shellQuote(path)}`] : []
  }
  if (/[{}]|:\/\/|^git\+/.test(line)) return []
  if (/^(?:-e\s?)?\.(?:\/[\w./-]+)?(?:\[[\w,-]+\])?$/.test(line))
    return [`-e ${shellQuote(line.replace(/^-e\s?/, ''))}`]
  const words = line.split(/\s+/)
  return words.every((word) => /^\w[\w.[\],<>=!~*-]*$/.test(word))
    ? words.map(shellQuote)
    : /^\w/.test(line)
      ? [shellQuote(line)]
      : []
}
