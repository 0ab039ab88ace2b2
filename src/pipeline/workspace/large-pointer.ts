import type { LfsObject } from '../../github/lfs-batch.ts'

/** Bytes; every pointer is shorter. */
export const MOST_POINTER = 1024
const POINTER =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\n(?:ext-[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n?$/

/** Reads a pointer of Git LFS; undefined if the bytes are none. */
export function readPointer(bytes: Uint8Array): LfsObject | undefined {
  if (bytes.length >= MOST_POINTER) return undefined
  const [, oid, size] = POINTER.exec(Buffer.from(bytes).toString('latin1')) ?? []
  return oid === undefined ? undefined : { oid, size: Number(size) }
}
