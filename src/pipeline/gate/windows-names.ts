import type { Pieces } from '../../time/pieces.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { createPathTree } from './path-tree.ts'

/** Device names in any case and with any extension: `nul`, `Aux.ts`, `com1 .tar.gz`. */
export const DEVICE = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$) *(?:[.:]|$)/i
const FORBIDDEN = /[<>:"|?*\\]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the purpose
const CONTROL = /[\u0000-\u001f]/
/** By default Windows opens paths of at most 259 characters; the clone's own folder takes some of them. */
export const MAX_PATH = 240

/**
 * Why Windows cannot store a file at this path, as the end of a sentence that starts with the path; undefined when it can.
 * The rules are those of git on Windows, which aborts a clone at such a name.
 * https://github.com/git/git/blob/v2.50.0/compat/mingw.c (`is_valid_win32_path`)
 */
export function windowsProblem(path: string): string | undefined {
  if (path.length > MAX_PATH) return `is longer than ${MAX_PATH} characters`
  for (const name of path.split('/')) {
    const problem = nameProblem(name)
    if (problem !== undefined) return problem
  }
  return undefined
}

function nameProblem(name: string): string | undefined {
  if (DEVICE.test(name)) return 'has the name of a Windows device'
  const forbidden = FORBIDDEN.exec(name)?.[0]
  if (forbidden !== undefined) return `has the character ${forbidden} in its name`
  if (CONTROL.test(name)) return 'has a control character in its name'
  if (/[. ]$/.test(name)) return 'has a name that ends with a dot or a space'
  return undefined
}

/**
 * Finds files that would add a name which Windows cannot store. A file or folder with such a name that the base commit
 * already has is not reported.
 *
 * @param basePaths every path of the base commit.
 */
export function* newWindowsProblems(
  files: readonly ChangedFile[],
  basePaths: Iterable<string>,
): Pieces<readonly ChangedFile[]> {
  const created = files.filter(({ status, path }) => isCreated(status) && windowsProblem(path) !== undefined)
  if (created.length === 0) return []
  const tree = createPathTree((name) => name)
  for (const { path } of created) if (path.length <= MAX_PATH) tree.walk(path).toArray()
  yield* tree.hold(basePaths)
  return created.filter(({ path }) => path.length > MAX_PATH || hasNewProblem(path, tree))
}

/** Whether the path, or a folder in it, has a bad name and is new. */
function hasNewProblem(path: string, tree: ReturnType<typeof createPathTree>): boolean {
  return [...tree.walk(path)].some(
    ({ place, entry }) => place.holder === undefined && nameProblem(entry.spelling.name) !== undefined,
  )
}

function isCreated(status: ChangedFile['status']): boolean {
  return status === 'added' || status === 'renamed'
}
