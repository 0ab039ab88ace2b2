import type { LfsObject } from '../../github/lfs-batch.ts'
import { unreadableList } from '../collect/raw-changes.ts'
import { readBlobs } from '../collect/read-blobs.ts'

/** Pointers are shorter. */
const MOST_POINTER = 1024
const POINTER =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\n(?:ext-[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n?$/

/** What git stores in place of a file in Git LFS. */
export interface LargePointer extends LfsObject {
  readonly path: string
}

/** @returns undefined if these bytes are no pointer. */
export function readPointer(bytes: Uint8Array): LfsObject | undefined {
  if (bytes.length >= MOST_POINTER) return undefined
  const [, oid, size] = POINTER.exec(Buffer.from(bytes).toString('latin1')) ?? []
  return oid === undefined ? undefined : { oid, size: Number(size) }
}

/**
 * Reads what `LIST_POINTERS` left: git's list of the files whose attributes say so, and the blobs that may be pointers.
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
