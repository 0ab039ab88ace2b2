import { createHash } from 'node:crypto'
import type { ChangedFile, ChangeStatus } from '../../src/pipeline/collect/change-list.ts'
import type { ReviewedChanges } from '../../src/pipeline/gate/secret-review.ts'

/** A changed file for tests; an added text file unless told otherwise. */
export function changed(fields: {
  readonly path: string
  readonly previousPath?: string
  readonly status?: ChangeStatus
  readonly mode?: string
  readonly text?: string
  readonly diff?: string
}): ChangedFile {
  const { path, previousPath, status = 'added', text = 'text\n', diff = '' } = fields
  const bytes = status === 'deleted' ? null : Buffer.from(text)
  return {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    status,
    mode: status === 'deleted' ? '000000' : (fields.mode ?? '100644'),
    bytes,
    sha: bytes && createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex'),
    binary: false,
    additions: text.split('\n').length - 1,
    deletions: 0,
    diff,
  }
}

/** A change in which no secret was found. */
export function withoutFindings(files: readonly ChangedFile[]): ReviewedChanges {
  const allowed = { source: undefined, findings: [] }
  return { files, diff: '', notices: [], leftOut: [], tree: '', leaks: new Map(), allowed, problems: [] }
}
