import { forPath } from '../../text/hidden-characters.ts'
import { showPath } from '../../text/show-path.ts'
import type { Pieces } from '../../time/pieces.ts'
import { type ChangedFile, touchedPaths } from '../collect/change-list.ts'
import { createPathTree, pathOf } from './path-tree.ts'

/** File modes, six octal digits, that may be published. Links may only move, and submodules may not change. */
const PUBLISHABLE_MODES = new Set(['100644', '100755', '000000'])
export const MAX_SEGMENT_BYTES = 255
const MAX_PATH_BYTES = 4096
/** No real project nests deeper, and every folder of every path is examined. */
export const MAX_FOLDERS = 100

/** Code points that HFS+ ignores when it compares names, so that `.g\u200cit` opens `.git` there. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
/** NTFS short names of `.git`, `.gitmodules`, `.gitattributes` and `.gitignore`. */
const SHORT_GIT_NAME = /^gi[0-9a-z]{0,4}~[0-9]+$/

/**
 * Why a new path may not be published, as the end of a sentence that starts with the path; undefined when it may.
 * Covers what git itself refuses in a tree (fsck, CVE-2014-9390, CVE-2019-1353) and names that deceive a reader.
 */
export function pathProblem(path: string): string | undefined {
  if (path.split('/', MAX_FOLDERS + 2).length > MAX_FOLDERS + 1)
    return `is in more than ${MAX_FOLDERS} folders`
  const leadsAway = escapeProblem(path)
  if (leadsAway !== undefined) return leadsAway
  if (path.includes('\\')) return 'has a backslash, which Windows reads as a folder'
  const hidden = forPath(path)
  if (hidden === 'control') return 'has a control character in its name'
  // A reviewer would see another name than the stored one.
  if (hidden === 'hidden' || path.includes('\ufffd')) {
    return 'has an invisible or reordering character in its name'
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`
  for (const segment of path.split('/')) {
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
      return `has a name of more than ${MAX_SEGMENT_BYTES} bytes`
    }
    if (/^[a-z]:/i.test(segment)) return 'starts with a Windows drive'
  }
  return undefined
}

/** Why a path leads out of the workspace or into `.git`; undefined when it does not. Such a path blocks the whole change. */
export function escapeProblem(path: string): string | undefined {
  if (!path.isWellFormed()) return 'is not valid Unicode'
  if (path === '') return 'is empty'
  if (path.startsWith('/')) return 'is an absolute path'
  for (const segment of path.split('/')) {
    if (segment === '') return 'has an empty folder name'
    if (segment === '.' || segment === '..') return `has the folder name "${segment}"`
    if (isGitDirectory(segment)) return 'would be read as the .git directory on some systems'
  }
  return undefined
}

/** True for `.git` and everything that NTFS or HFS+ open as `.git` or as one of git's own dot files. */
function isGitDirectory(segment: string): boolean {
  if (!/g/i.test(segment)) return false
  const onHfs = segment.replaceAll(HFS_IGNORED, '').toLowerCase()
  // NTFS drops trailing spaces and dots, and takes the text after a colon as the name of a stream.
  const onNtfs = onHfs.replace(/:.*$/s, '').replace(/[ .]+$/, '')
  return onHfs === '.git' || onNtfs === '.git' || SHORT_GIT_NAME.test(onNtfs)
}

/** Why a mode may not be published, as the end of a sentence that starts with the path; undefined when it may. */
export function modeProblem(mode: string): string | undefined {
  if (PUBLISHABLE_MODES.has(mode)) return undefined
  if (mode === '120000') return 'is a symbolic link, and new ones are never published'
  if (mode === '160000') return 'is a submodule or a nested repository, whose commit is never changed'
  return `has the file mode ${mode}, which is never published`
}

export interface Collision {
  /** The end of a sentence that starts with the path. */
  readonly why: string
  /** A free path instead: the folder in its existing spelling, or the path with a number. Undefined when there is none. */
  readonly instead: string | undefined
}

/**
 * Finds paths of a change that collide with another path: on a file system that ignores case or Unicode form (macOS,
 * Windows), or because one is a file and the other a folder of the same name. Collisions that the repository already
 * has are not reported.
 *
 * @returns the collision of each path that cannot be added.
 */
export function* pathCollisions(
  files: readonly ChangedFile[],
  baseTree: ReadonlySet<string>,
): Pieces<ReadonlyMap<string, Collision>> {
  const removed = new Set(files.flatMap(removedPaths))
  const created = files.flatMap((file) => (file.status === 'deleted' ? [] : [file.path]))
  const fresh = created.filter((path) => !baseTree.has(path))
  const collisions = new Map<string, Collision>()
  if (fresh.length === 0) return collisions
  const tree = createPathTree(fold)
  for (const path of fresh) {
    tree.walk(path).toArray()
    yield
  }
  yield* tree.hold(baseTree, (path) => !removed.has(path))
  yield* tree.hold(created, (path) => baseTree.has(path))
  for (const path of fresh) {
    yield
    for (const { place, entry } of tree.walk(path)) {
      const other = place.holder
      if (other === undefined) place.holder = entry
      else if (other.spelling !== entry.spelling) {
        const [own, taken] = [pathOf(entry.spelling), pathOf(other.spelling)]
        const instead = entry.isFile ? path : `${taken}${path.slice(own.length)}`
        collisions.set(path, {
          why: `cannot be beside ${showPath(taken)} on every system`,
          instead: other.isFile === entry.isFile ? instead : undefined,
        })
      } else if (other.isFile !== entry.isFile) {
        const why = `needs ${showPath(pathOf(other.spelling))} as a file and as a folder`
        collisions.set(path, { why, instead: undefined })
      }
    }
  }
  return collisions
}

function removedPaths(file: ChangedFile): readonly string[] {
  if (file.status === 'deleted') return [file.path]
  return touchedPaths(file).filter((path) => path !== file.path)
}

const PLAIN = /^[\w.-]*$/

/** Maps all spellings of a name that some file system treats as equal to one key. */
function fold(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase()
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC')
}
