import { createHash } from 'node:crypto'
import { readPointer } from '../workspace/large-pointer.ts'
import type { LargeContent } from './change-list.ts'
import type { GivenBlobs } from './changed-files.ts'
import type { RawChange } from './raw-changes.ts'
import { blobSha } from './read-blobs.ts'

/**
 * Replaces contents by pointers, as git does with Git LFS installed. A file that is empty or already a pointer stays as
 * it is. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 *
 * @param large paths with the attribute `filter=lfs`, with the blob id of the file itself.
 * @returns the remaining changes, the blobs including the pointers, and the contents by path.
 */
export function withPointers(
  changes: readonly RawChange[],
  given: GivenBlobs,
  large: ReadonlyMap<string, string>,
): {
  readonly changes: readonly RawChange[]
  readonly given: GivenBlobs
  readonly contents: ReadonlyMap<string, LargeContent>
} {
  const contents = new Map<string, LargeContent>()
  if (large.size === 0) return { changes, given, contents }
  const blobs = new Map(given.blobs)
  const sizes = new Map(given.sizes)
  const stored = changes.map((change) => {
    const own = isPlain(change.newMode) ? large.get(change.path) : undefined
    const bytes = own === undefined ? undefined : blobs.get(own)
    if (bytes === undefined || bytes.length === 0 || readPointer(bytes)) return change
    const oid = createHash('sha256').update(bytes).digest('hex')
    const pointer = Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`,
    )
    const newSha = blobSha(pointer)
    blobs.set(newSha, pointer)
    sizes.set(newSha, pointer.length)
    contents.set(change.path, { oid, bytes })
    return { ...change, newSha }
  })
  const changed = stored.filter(
    ({ oldMode, newMode, oldSha, newSha }) => oldMode !== newMode || oldSha !== newSha,
  )
  return { changes: changed, given: { ...given, blobs, sizes }, contents }
}

/**
 * Finds files in Git LFS that are too large to read and have the size of a deleted one, and so were probably moved.
 * Joined into one rename, such a file stays where it is if it cannot be published.
 *
 * @param large see `withPointers`.
 */
export function movedUnread(
  changes: readonly RawChange[],
  { blobs, sizes }: GivenBlobs,
  large: ReadonlyMap<string, string>,
): readonly Pick<RawChange, 'path' | 'previousPath'>[] {
  const unread = changes.flatMap(({ status, path }) => {
    const own = status === 'A' ? large.get(path) : undefined
    return own === undefined || blobs.has(own) ? [] : [{ path, size: sizes.get(own) }]
  })
  if (unread.length === 0) return []
  const places = new Map(
    changes.flatMap(({ status, path, oldSha }) => {
      const pointer = status === 'D' ? readPointer(blobs.get(oldSha) ?? new Uint8Array()) : undefined
      return pointer === undefined ? [] : [[pointer.size, path] as const]
    }),
  )
  return unread.flatMap(({ path, size }) => {
    const previousPath = size === undefined ? undefined : places.get(size)
    return previousPath === undefined ? [] : [{ path, previousPath }]
  })
}

function isPlain(mode: string): boolean {
  return mode === '100644' || mode === '100755'
}
