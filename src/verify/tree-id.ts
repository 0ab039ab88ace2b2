import { createHash } from 'node:crypto'
import type { TreeListing } from '../github/commits.ts'
import { breathe } from '../time/breathe.ts'
import { removedPaths, type VerifiedFile } from './verified-file.ts'

type Entry = TreeListing['entries'][number]

/** The files of a commit with a change on top of it. */
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

/** Git's ids of a commit's tree with changes on top of it. */
export interface TreeIds {
  /**
   * Computed here, so that no git in a sandbox has to be believed.
   *
   * @returns undefined if the list is not that of the commit in a folder that the change is in.
   */
  withChange(files: readonly VerifiedFile[]): Promise<string | undefined>
}

/** What is in one folder, by name. */
interface Folder {
  readonly files: Map<string, Entry>
  readonly folders: Map<string, Folder>
  /** Its id according to the list, until it was computed. */
  id: string | undefined
}

/** What a change does in one folder, by name. */
interface FolderChange {
  /** Undefined for a file that goes away. */
  readonly files: Map<string, Entry | undefined>
  readonly folders: Map<string, FolderChange>
}

/**
 * Computes only the folders that a change is in. Each is compared with the id that the list has for it, from the root's, which
 * is the tree of the commit, down to the changed file: a name that JSON cannot hold would make a difference. All other
 * folders are as the ids in these say.
 *
 * @param tree of the commit; undefined to believe the list.
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

/** @returns undefined if the folder is not what the list says. */
async function changedId(root: Folder, change: FolderChange): Promise<string | undefined> {
  let isAsListed = true

  /** @returns undefined for a folder that has nothing left. */
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

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: entries are sorted as if folders ended with a slash. */
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
