import { createHash } from 'node:crypto'
import type { TreeListing } from '../github/commits.ts'
import { createBreathe } from '../time/breathe.ts'
import { removedPaths, type VerifiedFile } from './verified-file.ts'

/** The files of a commit with a change on top of it. */
export function changeListing(base: TreeListing, files: readonly VerifiedFile[]): TreeListing {
  const removed = new Set(files.flatMap((file) => [...removedPaths(file), file.path]))
  const kept = base.entries.filter(({ path }) => !removed.has(path))
  const added = files.flatMap(({ path, mode, sha }) => (sha === null ? [] : [{ path, mode, sha }]))
  return { entries: [...kept, ...added], truncated: base.truncated }
}

/** A folder of a tree: ids of files, and folders inside. */
interface Folder {
  readonly files: Map<string, { readonly mode: string; readonly sha: string }>
  readonly folders: Map<string, Folder>
}

/**
 * Git's id of the tree with these files, computed here, so that no git in a sandbox has to be believed.
 *
 * @returns undefined if not every file is known.
 */
export async function treeIdOf({ entries, truncated }: TreeListing): Promise<string | undefined> {
  if (truncated) return undefined
  const breathe = createBreathe()
  const root = newFolder()
  for (const { path, mode, sha } of entries) {
    const names = path.split('/')
    const name = names.pop() ?? ''
    let folder = root
    for (const inside of names) {
      const next = folder.folders.get(inside) ?? newFolder()
      folder.folders.set(inside, next)
      folder = next
    }
    folder.files.set(name, { mode, sha })
    await breathe()
  }
  return folderId(root, breathe)
}

function newFolder(): Folder {
  return { files: new Map(), folders: new Map() }
}

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: entries are sorted as if folders ended with a slash. */
async function folderId({ files, folders }: Folder, breathe: () => Promise<void>): Promise<string> {
  const entries: {
    readonly order: Buffer
    readonly name: string
    readonly mode: string
    readonly sha: string
  }[] = []
  for (const [name, { mode, sha }] of files) entries.push({ order: Buffer.from(name), name, mode, sha })
  for (const [name, folder] of folders) {
    const sha = await folderId(folder, breathe)
    entries.push({ order: Buffer.from(`${name}/`), name, mode: '40000', sha })
  }
  await breathe()
  entries.sort((a, b) => Buffer.compare(a.order, b.order))
  const body = Buffer.concat(
    entries.flatMap(({ name, mode, sha }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex')]),
  )
  return createHash('sha1').update(`tree ${body.length}\0`).update(body).digest('hex')
}
