import type { LfsObject } from '../../github/lfs-batch.ts'
import { unreadableList } from '../collect/raw-changes.ts'
import { readBlobs } from '../collect/read-blobs.ts'
import { MOST_POINTER, readPointer } from '../workspace/large-pointer.ts'

/** The pointer that git stores in place of a file in Git LFS. */
export interface LargePointer extends LfsObject {
  readonly path: string
}

/**
 * Reads the output of `LIST_POINTERS`: git's list of files with `filter=lfs`, and the blobs that may be pointers.
 *
 * @throws {BackspaceError} `tree_mismatch`
 */
export async function readPointers(given: Uint8Array): Promise<readonly LargePointer[]> {
  const bytes = Buffer.from(given)
  const end = bytes[0] === 0 ? 0 : bytes.indexOf('\0\0') + 1
  const blobs = await readBlobs(bytes.subarray(end + 1), MOST_POINTER)
  const entries = bytes.subarray(0, end).toString('utf8').split('\0').filter(Boolean)
  return entries.flatMap((entry) => {
    const [, sha, path] = /^100(?:644|755) ([0-9a-f]{40}) 0\t([\s\S]+)$/.exec(entry) ?? []
    const object = sha === undefined ? undefined : blobs.get(sha)
    if (path === undefined && !/^\d{6} /.test(entry)) throw unreadableList()
    const pointer = object && readPointer(object)
    return pointer && path !== undefined ? [{ ...pointer, path }] : []
  })
}
