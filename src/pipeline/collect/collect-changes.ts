import { BackspaceError } from '../../errors.ts'
import { showPath } from '../../text/show-path.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ChangeList, LeftOut } from './change-list.ts'
import { COLLECT_LIMITS, describeFiles, joinDiffs, pairRenames, refuseTooMany } from './changed-files.ts'
import type { CompareInThread } from './create-comparison.ts'
import { movedUnread, withPointers } from './large-files.ts'
import { type ListedChanges, listChanges } from './list-changes.ts'
import { type RawChange, unreadableList } from './raw-changes.ts'
import { readBlobs } from './read-blobs.ts'

interface CollectOptions {
  /** Blob id and mode of every path of the base commit, according to GitHub; undefined when GitHub truncated its list. */
  readonly baseFiles: ReadonlyMap<string, { readonly sha: string; readonly mode: string }> | undefined
  readonly signal: AbortSignal
  /** Bytes; a larger file is left out. Default: `COLLECT_LIMITS.fileBytes`. */
  readonly fileBytes?: number | undefined
  /** Default: large files are shown as replaced. */
  readonly compareInThread?: CompareInThread | undefined
  /** The last collected changes, which are returned again if the tree of the workspace is still the same. */
  readonly last?: CollectedChanges | undefined
}

export interface CollectedChanges extends ChangeList {
  /** Tree id of the workspace according to the sandbox. It only decides whether to read again. */
  readonly tree: string
  /** Sentences for people on files that git does not track, such as nested repositories. */
  readonly notices: readonly string[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Reads what the agent changed. Git inside the sandbox lists the paths and returns their bytes. The host hashes the bytes
 * itself, and never runs git on anything that the sandbox wrote. Files that `.gitignore` covers and files that setup left
 * behind are not collected.
 *
 * @throws {BackspaceError} `change_too_large`, `publish_blocked` (a name that is not UTF-8), `tree_mismatch`
 */
export async function collectChanges(
  workspace: Workspace,
  { baseFiles, signal, fileBytes = COLLECT_LIMITS.fileBytes, compareInThread, last }: CollectOptions,
): Promise<CollectedChanges> {
  // A file that was left out is not in the tree, so an equal tree would not show whether it is still there.
  const known = last?.leftOut.length === 0 ? last.tree : ''
  const submodules = submodulesOf(baseFiles)
  const listed = await listChanges(workspace, {
    known,
    limits: { ...COLLECT_LIMITS, fileBytes },
    submodules,
    signal,
  })
  const { found, tree } = listed
  if (!found && last) return { ...last, notices: noticesOf(listed) }
  if (!found) throw unreadableList()
  refuseTooMany(found.changes)
  checkAgainstBase(found.changes, baseFiles)
  const read = { blobs: await readBlobs(found.blobs, fileBytes), sizes: found.sizes, fileBytes }
  const { changes, given, contents } = withPointers(found.changes, read, found.large)
  const moved = [...found.similar, ...movedUnread(changes, given, found.large)]
  const described = await describeFiles(pairRenames(changes, moved), given, compareInThread)
  const files = described.files.map((file) => ({ ...file, large: contents.get(file.path) }))
  const unstored = found.unstored.map((path) => ({ path, why: UNSTORED }))
  const inModules = found.submodules.map((path) => ({ path, why: IN_SUBMODULE }))
  return {
    ...described,
    files,
    leftOut: [...described.leftOut, ...unstored, ...inModules],
    notices: noticesOf(listed),
    tree,
  }
}

const MOST_SUBMODULES = 200

function submodulesOf(baseFiles: CollectOptions['baseFiles']): readonly string[] {
  const found: string[] = []
  for (const [path, { mode }] of baseFiles ?? []) {
    if (mode === '160000' && !path.includes('\n') && found.length < MOST_SUBMODULES) found.push(path)
  }
  return found
}

const IN_SUBMODULE =
  'is a submodule: what was changed in its folder belongs to another repository, and has to be changed there'
/** The changes reduced to some of their files. */
export function onlyFiles(changes: CollectedChanges, files: CollectedChanges['files']): CollectedChanges {
  return { ...changes, files, diff: joinDiffs(files) }
}

const UNSTORED =
  'cannot be stored by git: it cannot be read, or is not in the encoding that `.gitattributes` names for it'

/** Makes sure that the sandbox compared with the base commit that GitHub has. @throws {BackspaceError} `tree_mismatch` */
function checkAgainstBase(changes: readonly RawChange[], baseFiles: CollectOptions['baseFiles']): void {
  if (!baseFiles) return
  for (const { path, oldMode, oldSha } of changes) {
    const known = baseFiles.get(path)
    const agrees = known ? known.sha === oldSha && known.mode === oldMode : oldMode === '000000'
    if (agrees) continue
    throw new BackspaceError(
      'tree_mismatch',
      'The sandbox compared its files with another commit than the one that the run started from, so nothing was published. Try again.',
      { facts: { path } },
    )
  }
}

const MOST_NESTED = 5

function noticesOf({ nested: { count, names } }: ListedChanges): string[] {
  if (count === 0) return []
  const shown = names.slice(0, MOST_NESTED).map((name) => showPath(name))
  const more = count - shown.length
  const all = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const [are, them, their] =
    count === 1
      ? ['is a git repository of its own', 'it', 'its']
      : ['are git repositories of their own', 'them', 'their']
  return [
    `${all} ${are}, so nothing in ${them} is published. If the files belong to the change, remove ${their} \`.git\`.`,
  ]
}
