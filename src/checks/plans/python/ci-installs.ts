import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { CiLine } from '../ci/ci-line.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { keysIn, stringsIn, valueAt } from '../read-manifest.ts'
import { requirementsOf } from './python-needs.ts'

/** Programs that CI installs for its own use, not for the tests. */
const FOR_CI =
  /^(?:pip|wheel|setuptools|build|twine|codecov|coveralls|coverage|tox(?:-[\w-]+)?|nox|hatch|uv|poetry|pdm|pipenv|pre-commit|virtualenv|cibuildwheel|python-coveralls|codecov-cli|pytest-github-actions-annotate-failures)(?:\[[\w,-]+\])?(?:[<>=!~].*)?$/
const WITH_VALUE =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|-c|--constraint|-r|--requirement|--group|--python|-p|--only-binary|--no-binary|--prefix|-t|--target|--upgrade-strategy|--cache-dir|--progress-bar|--retries|--timeout|--platform|--python-version|--src|--trusted-host|--proxy|--cert|--client-cert|--log|--root|--report|-C|--config-settings?|--global-option|--build-option|--abi|--implementation|--exists-action|--resolution|--prerelease|--index|--default-index|--index-strategy|--torch-backend|--overrides?|--exclude-newer|--link-mode|--python-platform|--keyring-provider)$/
/** A local version such as `torch==2.1.0+cpu` is only in an index of its own, so the usual index is used without a version. */
const LOCAL_VERSION = /==[\w.]{1,40}\+[\w.]{1,40}$/
/** The project itself as a requirement: `name[tests] @ .`. */
export const OWN_PACKAGE = /^[\w.-]{1,80}(\[[\w,-]{1,80}\])?\s?@\s?(?:file:)?\.\/?$/
/** Lists of the oldest versions that a package supports. */
const OLDEST = /(?:^|[/_.-])(?:old(?:est)?|lowest|minim\w{0,10})(?:[/_.-]|$)/i
const MOST_LINES = 6

/**
 * The arguments of each `pip install` of CI: the project itself as editable, requirements, and files that list them. Other
 * indexes, wheels and repositories are left out, since a sandbox cannot reach them.
 *
 * @param lines the lines of the job that tests.
 */
export function pipInstalls(
  folder: Folder,
  { lines, pyproject }: { readonly lines: readonly Pick<CiLine, 'words'>[]; readonly pyproject: unknown },
): readonly string[] {
  const found = lines.flatMap(({ words }) => {
    const start = words.indexOf('install')
    const isPip = words.slice(0, start).some((word) => /^pip3?$/.test(word))
    // With `--no-index`, CI installs what it has built itself.
    if (start === -1 || !isPip || words.includes('--no-index')) return []
    const args = readArguments(folder, words.slice(start + 1), pyproject)
    return args.length === 0 ? [] : [args.join(' ')]
  })
  return [...new Set(found)].slice(0, MOST_LINES)
}

function readArguments(folder: Folder, words: readonly string[], pyproject: unknown): readonly string[] {
  const kept: string[] = []
  let isEditable = false
  for (let at = 0; at < words.length; at++) {
    const [word = '', joined] = splitOption(words[at] ?? '')
    const takesValue = WITH_VALUE.test(word)
    const value = takesValue ? (joined ?? words[++at] ?? '') : undefined
    if (word === '-r' || word === '--requirement') {
      if (value !== undefined && hasList(folder, value)) kept.push(`-r ${shellQuote(value)}`)
    } else if (word === '-c' || word === '--constraint') {
      if (value !== undefined && hasList(folder, value)) kept.push(`-c ${shellQuote(value)}`)
    } else if (word === '--group') kept.push(...requirementsOf(pyproject, value ?? '').map(shellQuote))
    else if (word === '-e' || word === '--editable') isEditable = true
    else if (word === '--no-build-isolation' || word === '--no-deps') kept.push(word)
    else if (word.startsWith('-')) continue
    else if (isFolder(word)) {
      const path = (/^\.(?=[[/]|$)|^\.\//.test(word) ? word : `./${word}`).replace(/, /g, ',')
      if (isOwn(folder, path))
        kept.push(`-e ${shellQuote(withKnownExtras(path.replace(/^\.\/\./, '.'), pyproject))}`)
    } else if (OWN_PACKAGE.test(word)) kept.push(`-e ${shellQuote(`.${OWN_PACKAGE.exec(word)?.[1] ?? ''}`)}`)
    else if (
      !FOR_CI.test(word) &&
      !/:\/\/|^git\+|\.whl$|\.tar\.gz$|^[^=<>~!]{0,80}[*?]/.test(word) &&
      /^\w/.test(word)
    )
      kept.push(shellQuote(word.replace(LOCAL_VERSION, '')))
    if (word !== '-e' && word !== '--editable') isEditable = false
  }
  // With `--no-deps`, CI gets the dependencies from elsewhere, so pip installs them here.
  const isBare = kept.includes('--no-deps') && kept.every((word) => /^--no-|^-e \.$/.test(word))
  if (isBare) return ['-e .']
  const needed = kept.filter((word) => !/^--no-deps$|^--no-build-isolation$|^-c /.test(word))
  return needed.length === 0 || isEditable ? [] : kept
}

/** The project itself without extras that it does not declare: pip only warns about them, and installs nothing for them. */
function withKnownExtras(path: string, pyproject: unknown): string {
  const [, names] = /^\.\[([\w, -]{1,200})\]$/.exec(path) ?? []
  const isDeclared =
    valueAt(pyproject, ['project', 'name']) !== undefined &&
    !stringsIn(pyproject, ['project', 'dynamic']).includes('optional-dependencies')
  if (names === undefined || !isDeclared) return path
  const known = new Set(keysIn(pyproject, ['project', 'optional-dependencies']).map(plainName))
  const kept = names.split(',').filter((name) => known.has(plainName(name)))
  return kept.length === 0 ? '.' : `.[${kept.join(',')}]`
}

/** Names of extras are the same with `-`, `_` and `.`, and in capitals. */
function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
}

/** Whether arguments of pip name a list, or extras of the package. */
export function isListed(installs: string): boolean {
  return /(?:^| )-r |\.\[/.test(installs)
}

/** Whether arguments of pip name a list, or extras of the package for tests. */
export function listsTests(installs: string): boolean {
  return /(?:^| )-r |\.\[(?:[\w-]{1,40},){0,9}[\w-]{0,20}(?:test|dev|all|ci)/.test(installs)
}

/** Whether arguments of pip name one version, as a matrix does. */
export function isPinned(installs: string): boolean {
  return /\w==\d/.test(installs)
}

function splitOption(word: string): readonly [string, string | undefined] {
  const [, name, value] = /^(--[\w-]+)=(.*)$/.exec(word) ?? /^(-[rce])(\S.*)$/.exec(word) ?? []
  // Bundled short options, such as `-Ur`.
  const bundled = /^-[Uqv]+([rce])$/.exec(word)?.[1]
  if (bundled !== undefined) return [`-${bundled}`, undefined]
  return name === undefined ? [word, undefined] : [name, value]
}

/** Whether a list of requirements exists, as far as the known files tell. */
export function hasList(folder: Folder, path: string): boolean {
  const plain = path.replace(/^\.\//, '')
  // Lists in deeper folders are not among the files that are known.
  const isDeep = `${folder.name}/${plain}`.split('/').filter((part) => part !== '').length > 2
  return (
    folder.has(plain) ||
    folder.files.includes(plain) ||
    (isDeep && !plain.includes('..') && !OLDEST.test(plain))
  )
}

/** True for `.`, `.[test]`, `./sub`, `packages/a[test]`: unlike folders, names of packages have no slash. */
function isFolder(word: string): boolean {
  return /^\.{1,2}(?:$|[[/])/.test(word) || /^[\w-]+\/[\w./-]+(?:\[[\w,-]+\])?$/.test(word)
}

function isOwn(folder: Folder, path: string): boolean {
  const plain = path
    .replace(/\[.*$/, '')
    .replace(/^\.\/?/, '')
    .replace(/\/$/, '')
  return plain === '' || folder.files.some((file) => file.startsWith(`${plain}/`))
}

/** Options of `uv sync`, `uv run`, `poetry install` and `pdm install` that choose groups and extras; undefined if CI has none. */
export function groupOptions(
  lines: readonly SaidLine[],
  program: 'uv' | 'poetry' | 'pdm',
): readonly string[] | undefined {
  const found = lines
    .filter(({ words }) => words[0] === program && /^(?:sync|install|run)$/.test(words[1] ?? ''))
    .map(({ words }) => optionsOf(words))
  // If no line has options, the empty list says that CI installs without any.
  return found.find((options) => options.length > 0) ?? found[0]
}

function optionsOf(words: readonly string[]): readonly string[] {
  const found: string[] = []
  for (let at = 2; at < words.length; at++) {
    const [word = '', joined] = splitOption(words[at] ?? '')
    if (words[1] === 'run' && !word.startsWith('-')) break
    if (
      /^--(?:all-extras|all-groups|all-packages|no-dev|dev|sync|only-main)$/.test(word) &&
      word !== '--only-main'
    )
      found.push(word)
    else if (/^(?:--extra|--group|--with|--extras|-E|-G|--only-group)$/.test(word)) {
      const value = joined ?? words[++at] ?? ''
      if (/^[\w.,: -]+$/.test(value))
        found.push(word === '--only-group' ? '--group' : word, shellQuote(value))
    }
  }
  return found
}
