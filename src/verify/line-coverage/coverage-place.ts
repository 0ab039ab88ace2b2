/** Where a coverage report was written, which decides what its paths may mean. */
export interface CoveragePlace {
  /** Absolute path of the workspace inside the sandbox. */
  readonly root: string
  /** Folders from which a relative path may start, relative to the workspace. */
  readonly folders: readonly string[]
}

/** A Go module. Paths in its reports begin with its name. */
export interface GoModule {
  readonly name: string
  /** Folder of its `go.mod`, relative to the workspace. */
  readonly folder: string
}

const MAX_PATH = 1_000
const MAX_SOURCES = 20
const MAX_FOLDERS = 10

/**
 * The files of the workspace that a path in a report may mean.
 *
 * @param sources folders of sources that the report itself names.
 * @returns paths relative to the workspace; none if the path leads out of it.
 */
export function candidatesOf(
  name: string,
  { root, folders }: CoveragePlace,
  sources: readonly string[] = [],
): readonly string[] {
  const own = insideOf(name, root)
  if (own === undefined) return []
  if (own.isAbsolute) return withoutDots(own.path)
  const starts = sources.slice(0, MAX_SOURCES).flatMap((source) => {
    const start = insideOf(source, root)
    if (start === undefined) return []
    return start.isAbsolute ? [start.path] : folders.map((folder) => `${folder}/${start.path}`)
  })
  return [
    ...new Set(
      (starts.length > 0 ? starts : folders).flatMap((start) => withoutDots(`${start}/${own.path}`)),
    ),
  ]
}

/** @param name the name of a file in a Go profile: `example.com/parser/lex/lex.go`. */
export function goCandidates(name: string, modules: readonly GoModule[]): readonly string[] {
  const own = modules
    .filter((module) => name.startsWith(`${module.name}/`))
    .sort((one, other) => other.name.length - one.name.length)[0]
  return own === undefined ? [] : withoutDots(`${own.folder}/${name.slice(own.name.length + 1)}`)
}

/** The folders above a file, innermost first, without very deep ones: `a/b`, `a` and the workspace for `a/b/c.xml`. */
export function foldersAround(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1).slice(0, MAX_FOLDERS)
  return [...names.map((_, index) => names.slice(0, names.length - index).join('/')), '']
}

function insideOf(
  name: string,
  root: string,
): { readonly path: string; readonly isAbsolute: boolean } | undefined {
  if (name.length > MAX_PATH) return undefined
  const path = name.replace(/^file:\/\//, '').replaceAll('\\', '/')
  if (path === root) return { path: '', isAbsolute: true }
  if (path.startsWith(`${root}/`)) return { path: path.slice(root.length + 1), isAbsolute: true }
  return path.startsWith('/') || /^[A-Za-z]:/.test(path) ? undefined : { path, isAbsolute: false }
}

/** The path without `..`, as a list; empty if the path leads out. */
function withoutDots(path: string): readonly string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..' && names.pop() === undefined) return []
    if (name !== '' && name !== '.' && name !== '..') names.push(name)
  }
  return [names.join('/')]
}
