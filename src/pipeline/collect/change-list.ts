/**
 * What the agent changed, as the host read it. Nothing else gets from the sandbox into a commit. Everything in it is
 * untrusted until `gateChanges` has passed it.
 */
export interface ChangeList {
  /** Sorted by path; no path occurs twice. */
  readonly files: readonly ChangedFile[]
  /** Unified diff of the text files for people, made on the host from the bytes below; bounded. */
  readonly diff: string
}

export interface ChangedFile {
  /** Relative to the root of the repository, `/`-separated, valid UTF-8. */
  readonly path: string
  /** Only for `renamed`: the path that goes away. A rename is one entry but publishes a change of two paths. */
  readonly previousPath?: string | undefined
  readonly status: ChangeStatus
  /** Git's mode after the change, six octal digits: `100644`, `100755`, `120000` …; `000000` for a deletion. */
  readonly mode: string
  /** Git's mode at the base commit, of `previousPath` for a rename; `000000` for an addition, absent where it is not known. */
  readonly previousMode?: string | undefined
  /** The new bytes; null for a deletion. */
  readonly bytes: Uint8Array | null
  /**
   * The bytes at the base commit, of `previousPath` for a rename; null for an addition, absent when they were
   * not read (too large). Only for comparison and display.
   */
  readonly before?: Uint8Array | null | undefined
  /** For a file in Git LFS: the content, which is stored apart from git. `bytes` is then the pointer to it. */
  readonly large?: LargeContent | undefined
  /** Git blob id of `bytes`, computed on the host; null for a deletion. */
  readonly sha: string | null
  /** True when the bytes are not text in any encoding that `findEncoding` recognises. */
  readonly binary: boolean
  /** Added and deleted lines; 0 for binary files. */
  readonly additions: number
  readonly deletions: number
  /** Unified diff of this file, with `---`/`+++` headers; empty for binary files; bounded. */
  readonly diff: string
}

/** The content of a file with the attribute `filter=lfs`, which is stored apart from git. */
export interface LargeContent {
  /** SHA-256 of the content, hexadecimal. */
  readonly oid: string
  readonly bytes: Uint8Array
}

/** A changed file of the workspace that is not in the list. */
export interface LeftOut {
  readonly path: string
  /** Why, as the end of a sentence that starts with the path. */
  readonly why: string
}

export type ChangeStatus = 'added' | 'modified' | 'deleted' | 'renamed'

/** Every path that publishing this file touches: its own, and the one that a rename removes. */
export function touchedPaths(file: Pick<ChangedFile, 'path' | 'previousPath'>): readonly string[] {
  return file.previousPath === undefined ? [file.path] : [file.previousPath, file.path]
}
