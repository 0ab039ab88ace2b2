import type { Folder } from '../project.ts'
import type { SaidLine, SaidOutside } from './ci/said-lines.ts'
import { readPythonTest } from './python/said-python-test.ts'

/** Names of folders that CI builds in. */
export const BUILDS = /^(?:_?(?:\w{1,20}_)?build|bld|out)[\w-]*$/

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

/** Finds a test program that CMake has built and that its job runs in the build folder: `./unit_tests`. */
export function programInBuild(
  folder: Folder,
  { all, ci }: Pick<SaidOutside, 'all' | 'ci'>,
): SaidLine | undefined {
  return ci.find(
    ({ ecosystem, role, folder: place, words, job, needsMore }) =>
      ecosystem === 'CI' &&
      role === 'test' &&
      !needsMore &&
      BUILDS.test(innerPath(folder, place)) &&
      /^\.\/(?:bin\/)?[\w-]+$/.test(words[0] ?? '') &&
      all.some((line) => line.job === job && line.words[0] === 'cmake'),
  )
}
