import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { CiLine } from '../ci/ci-line.ts'
import type { SaidLine, SaidOutside } from '../ci/said-lines.ts'
import { placeAt } from '../ci/script-lines.ts'
import { readPythonTest } from '../python/said-python-test.ts'

/** Names of folders that CI builds in. */
export const BUILDS = /^(?:_?(?:\w{1,20}_)?build|bld|out)[\w.-]*$/

/** The folder to build in: `build` if git ignores it, else a folder outside of the workspace. */
export async function buildFolder(folder: Folder): Promise<string> {
  const ignored = (await folder.read('.gitignore')) ?? ''
  const isIgnored = /^\/?build\*?\/?[ \t\r]{0,9}$/m.test(ignored)
  if (isIgnored && !folder.files.some((file) => file.startsWith('build/'))) return 'build'
  return `/tmp/build${folder.name === '' ? '' : `-${folder.name.replace(/[^\w-]+/g, '-')}`}`
}

/** Makes a path relative to the folder that holds it. @param path relative to the root of the repository. */
export function innerPath({ name }: Folder, path: string): string {
  return name === '' ? path : path.slice(name.length + 1)
}

/**
 * Finds a run of pytest in the folder that its job builds in: it tests the build, whose files it finds there.
 *
 * @param said.tools matches the programs that configure the build: CMake or Meson.
 * @returns undefined if CI has no such run; `args` are those of `python3`.
 */
export function pytestInBuild(
  folder: Folder,
  { all, ci, tools }: Pick<SaidOutside, 'all' | 'ci'> & { readonly tools: RegExp },
): { readonly line: SaidLine; readonly args: string } | undefined {
  for (const line of ci.toSorted((a, b) => Number(a.needsMore) - Number(b.needsMore))) {
    if (line.ecosystem !== 'Python' || line.role !== 'test') continue
    if (!BUILDS.test(innerPath(folder, line.folder).split('/')[0] ?? '')) continue
    const said = readPythonTest(line.command)
    const isBuilt = all.some(({ job, words }) => job === line.job && tools.test(words[0] ?? ''))
    if (isBuilt && said !== undefined && 'args' in said && said.module === 'pytest' && said.isWhole)
      return { line, args: said.args }
  }
  return undefined
}

/**
 * The source folder of a line that configures with CMake: `cmake -S tests -B build`, `cmake ../tests`. Undefined if it is
 * outside of the repository or not plain.
 */
function sourceOfConfigure({ words, folder }: Pick<CiLine, 'words' | 'folder'>): string | undefined {
  let source = ''
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '-S') source = words[++at] ?? ''
    else if (/^-[SH]./.test(word)) source = word.slice(2)
    else if (/^-[BGATCD]$|^--preset$/.test(word)) at++
    else if (!word.startsWith('-')) source = word
  }
  const place = placeAt(folder, source)
  // A build that is configured already knows its sources.
  return place !== undefined && BUILDS.test(place) ? undefined : place
}

/** Whether a line configures the project of a folder, not one above or below it. */
export function configures(folder: Folder, line: CiLine): boolean {
  if (
    line.words[0] !== 'cmake' ||
    line.words.some((word) => /^(?:--build|-E|-P|--install|--version)$/.test(word))
  )
    return false
  const source = sourceOfConfigure(line)
  if (source !== undefined) return source === folder.name
  return line.folder === folder.name || BUILDS.test(innerPath(folder, line.folder))
}

/**
 * Finds a test program that CMake has built and that its job runs, in the build folder (`./unit_tests`) or from where it
 * configures (`./build/bin/unit_tests`).
 *
 * @param said.build the folder that the plan builds in.
 * @returns undefined if CI has no such run.
 */
export function programInBuild(
  folder: Folder,
  { all, ci, build }: Pick<SaidOutside, 'all' | 'ci'> & { readonly build: string },
): { readonly line: SaidLine; readonly command: string } | undefined {
  for (const line of ci) {
    const { ecosystem, role, folder: place, words, job, command, needsMore } = line
    if (ecosystem !== 'CI' || role !== 'test' || needsMore) continue
    const configure = all.find((one) => one.job === job && configures(folder, one))
    if (configure === undefined) continue
    const isInside = BUILDS.test(innerPath(folder, place)) || BUILDS.test(place)
    if (isInside && /^\.\/(?:bin\/)?[\w-]+$/.test(words[0] ?? ''))
      return { line, command: `(cd ${build} && ${command})` }
    const [, first = '', rest] = /^\.\/([\w-]+)(\/[\w./-]+)$/.exec(words[0] ?? '') ?? []
    if (place === configure.folder && rest !== undefined && BUILDS.test(first)) {
      const start = build.startsWith('/') ? build : `./${build}`
      return { line, command: [`${start}${rest}`, ...words.slice(1).map(shellQuote)].join(' ') }
    }
  }
  return undefined
}

/**
 * Whether a CMakeLists.txt is for a larger build around the repository: it adds a folder outside of it, or links libraries
 * by names such as `Boost::core` that it neither defines nor looks for.
 *
 * @param root the text of the CMakeLists.txt at the root.
 */
export function isPartOfLarger(root: string): boolean {
  const text = root.slice(0, 256 * 1024).replace(/^[ \t]*#.*$/gm, '')
  if (/\badd_subdirectory\s{0,9}\(\s{0,9}\.\.\//i.test(text)) return true
  if (/find_package|find_library|FetchContent|ExternalProject|CPM|pkg_|conan|hunter|IMPORTED/i.test(text))
    return false
  const named = /(?<![\w:])[A-Za-z]\w{0,40}::\w{1,60}/g
  const [, ...links] = text.split(/\btarget_link_libraries\s{0,9}\(/i)
  const linked = links.flatMap((link) => (link.split(')', 1)[0] ?? '').match(named) ?? [])
  const own = new Set(
    text
      .split(/\badd_library\s{0,9}\(/i)
      .slice(1)
      .flatMap((one) => /^\s{0,9}([\w:]{1,120})/.exec(one)?.[1] ?? []),
  )
  return linked.some((name) => !own.has(name))
}
