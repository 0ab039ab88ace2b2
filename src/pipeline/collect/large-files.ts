import { createHash } from 'node:crypto'
import type { LargeContent } from './change-list.ts'
import type { GivenBlobs } from './changed-files.ts'
import type { RawChange } from './raw-changes.ts'
import { blobSha } from './read-blobs.ts'

/** Pointers are shorter. */
const MOST_POINTER = 1024
const POINTER =
  /^version https:\/\/(?:git-lfs\.github\.com\/spec\/v1|hawser\.github\.com\/spec\/v1)\n(?:ext-[^\n]+\n)*oid sha256:[0-9a-f]{64}\nsize \d+\n?$/

/**
 * What git stores with Git LFS installed: a pointer instead of the content. A file that is a pointer already, or empty, stays
 * as it is. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 *
 * @param large paths whose attributes say so.
 * @returns the changes that are left, the bytes with those of the pointers, and the contents by path.
 */
export function withPointers(
  changes: readonly RawChange[],
  given: GivenBlobs,
  large: ReadonlySet<string>,
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
    const bytes = large.has(change.path) && isPlain(change.newMode) ? blobs.get(change.newSha) : undefined
    if (bytes === undefined || bytes.length === 0 || isPointer(bytes)) return change
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

function isPlain(mode: string): boolean {
  return mode === '100644' || mode === '100755'
}

function isPointer(bytes: Uint8Array): boolean {
  return bytes.length < MOST_POINTER && POINTER.test(Buffer.from(bytes).toString('latin1'))
}
