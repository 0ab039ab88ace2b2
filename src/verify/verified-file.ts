/** One file of a change that is to be verified, exactly as it passed the gate. */
export interface VerifiedFile {
  /** Relative to the root of the repository, `/`-separated. */
  readonly path: string
  /** Only for `renamed`: the path that goes away. */
  readonly previousPath?: string | undefined
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Git's mode after the change, six octal digits; `000000` for a deletion. */
  readonly mode: string
  /** Null for a deletion. */
  readonly bytes: Uint8Array | null
  /** The bytes at the base commit, of `previousPath` for a rename; null for an addition, absent if they were not read. */
  readonly before?: Uint8Array | null | undefined
  /** For a file in Git LFS: its content. `bytes` is then the pointer to it. */
  readonly large?: { readonly oid: string; readonly bytes: Uint8Array } | undefined
  /** Git blob id of `bytes`; null for a deletion. */
  readonly sha: string | null
  /** Unified diff of this file; empty for binary files. If it was cut, a line after its hunks says so. */
  readonly diff: string
}

/** The paths that a file removes: its own if it is deleted, the earlier one if it is renamed. */
export function removedPaths({
  path,
  previousPath,
  bytes,
}: Pick<VerifiedFile, 'path' | 'previousPath' | 'bytes'>): readonly string[] {
  const earlier = previousPath === undefined ? [] : [previousPath]
  return bytes === null ? [...earlier, path] : earlier
}
