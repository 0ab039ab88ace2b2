import { createHash } from 'node:crypto'
import type { TreeListing } from '../github/commits.ts'
import { breathe } from '../time/breathe.ts'
import { removedPaths, type VerifiedFile } from './verified-file.ts'

type Entry = TreeListing['entries'][number]

/** The listing of a commit with a change on top of it. */
export function changeListing(base: TreeListing, files: readonly VerifiedFile[]): TreeListing {
  const removed = new Set(pathsOf(files))
  const kept = base.entries.filter(({ path }) => !removed.has(path))
  return { entries: [...kept, ...addedBy(files)], truncated: base.truncated }
}

function pathsOf(files: readonly VerifiedFile[]): readonly string[] {
  return files.flatMap((file) => [...removedPaths(file), file.path])
}

function addedBy(files: readonly VerifiedFile[]): readonly Entry[] {
  return files.flatMap(({ path, mode, sha }) => (sha === null ? [] : [{ path, mode, sha }]))
}

/** Computes tree ids of a commit with changes on top of it. */
export interface TreeIds {
  /**
   * Computes the id on the host, so that no git in a sandbox must be trusted.
   *
   * @returns undefined if the list does not match the commit in a folder of the change.
   */
  withChange(files: readonly VerifiedFile[]): Promise<string | undefined>
}

/** The contents of one folder, by name. */
interface Folder {
  readonly files: Map<string, Entry>
  readonly folders: Map<string, Folder>
  /** Tree id from the list or as computed; undefined while neither is known. */
  id: string | undefined
}

/** The changes in one folder, by name. */
interface FolderChange {
  /** The new entry; undefined for a deleted file. */
  readonly files: Map<string, Entry | undefined>
  readonly folders: Map<string, FolderChange>
}

/**
 * Computes only the folders that a change touches. Before that, each of them is compared with its id in the list, from the
 * root, whose id is the tree of the commit, down to the changed file, because a name that JSON cannot represent would make
 * a difference. All other folders are taken by their ids.
 *
 * @param tree tree id of the commit; undefined to trust the list.
 */
export function createTreeIds(base: TreeListing, tree?: string): TreeIds {
  let reading: Promise<Folder> | undefined
  return {
    async withChange(files) {
      if (base.truncated) return undefined
      reading ??= readFolders(base, tree)
      const root = await reading
      const change: FolderChange = { files: new Map(), folders: new Map() }
      for (const path of pathsOf(files)) note(change, path, undefined)
      for (const entry of addedBy(files)) note(change, entry.path, entry)
      return changedId(root, change)
    },
  }
}

async function readFolders({ entries, folders }: TreeListing, tree: string | undefined): Promise<Folder> {
  const known = new Map([['', newFolder(tree)]])
  const folderAt = (path: string): Folder => {
    const there = known.get(path)
    if (there) return there
    const folder = newFolder(folders?.get(path))
    known.set(path, folder)
    const { above, name } = split(path)
    folderAt(above).folders.set(name, folder)
    return folder
  }
  for (const entry of entries) {
    const { above, name } = split(entry.path)
    folderAt(above).files.set(name, entry)
    await breathe()
  }
  return folderAt('')
}

function newFolder(id: string | undefined): Folder {
  return { files: new Map(), folders: new Map(), id }
}

function split(path: string): { readonly above: string; readonly name: string } {
  const at = path.lastIndexOf('/')
  return { above: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) }
}

function note(root: FolderChange, path: string, entry: Entry | undefined): void {
  const names = path.split('/')
  const name = names.pop() ?? ''
  let folder = root
  for (const inside of names) {
    const next = folder.folders.get(inside) ?? { files: new Map(), folders: new Map() }
    folder.folders.set(inside, next)
    folder = next
  }
  folder.files.set(name, entry)
}

/** @returns undefined if a folder does not match the list. */
async function changedId(root: Folder, change: FolderChange): Promise<string | undefined> {
  let isAsListed = true

  /** @returns undefined for a folder that is empty after the change. */
  async function withChange(
    folder: Folder | undefined,
    { files, folders }: FolderChange,
  ): Promise<string | undefined> {
    const ids = new Map<string, string>()
    for (const [name, inside] of folder?.folders ?? []) ids.set(name, await idOf(inside))
    if (folder) {
      const id = hashOf(folder.files, ids)
      folder.id ??= id
      if (folder.id !== id) isAsListed = false
    }
    const now = new Map(folder?.files)
    for (const [name, entry] of files) {
      if (entry) now.set(name, entry)
      else now.delete(name)
    }
    for (const [name, inside] of folders) {
      const id = await withChange(folder?.folders.get(name), inside)
      if (id === undefined) ids.delete(name)
      else ids.set(name, id)
    }
    await breathe()
    return now.size + ids.size === 0 ? undefined : hashOf(now, ids)
  }

  const id = (await withChange(root, change)) ?? hashOf(new Map(), new Map())
  return isAsListed ? id : undefined
}

async function idOf(folder: Folder): Promise<string> {
  if (folder.id !== undefined) return folder.id
  const ids = new Map<string, string>()
  for (const [name, inside] of folder.folders) ids.set(name, await idOf(inside))
  await breathe()
  folder.id = hashOf(folder.files, ids)
  return folder.id
}

/**
 * The id of a tree. Entries are sorted as if the names of folders ended with a slash:
 * https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
 */
function hashOf(
  files: ReadonlyMap<string, Pick<Entry, 'mode' | 'sha'>>,
  folders: ReadonlyMap<string, string>,
): string {
  const entries: { readonly order: Buffer; readonly head: string; readonly sha: string }[] = []
  for (const [name, { mode, sha }] of files)
    entries.push({ order: Buffer.from(name), head: `${mode} ${name}\0`, sha })
  for (const [name, sha] of folders)
    entries.push({ order: Buffer.from(`${name}/`), head: `40000 ${name}\0`, sha })
  entries.sort((a, b) => Buffer.compare(a.order, b.order))
  const body = Buffer.concat(entries.flatMap(({ head, sha }) => [Buffer.from(head), Buffer.from(sha, 'hex')]))
  return createHash('sha1').update(`tree ${body.length}\0`).update(body).digest('hex')
}
