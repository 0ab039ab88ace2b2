import { diffFile } from '../../src/pipeline/collect/diff-file.ts'
import type { VerifiedFile } from '../../src/verify/verified-file.ts'

const bytesOf = (text: string | null) => (text === null ? null : Buffer.from(text))

/** A change of one file, as it is collected; null where there is none. */
export function collected(
  path: string,
  before: string | null,
  after: string | null,
  more: Partial<VerifiedFile> = {},
): VerifiedFile {
  const mode = after === null ? '000000' : '100644'
  const oldMode = before === null ? '000000' : '100644'
  const sides = { before: bytesOf(before), bytes: bytesOf(after) }
  const diff = diffFile({ path, mode, oldMode, ...sides })?.diff ?? ''
  const status = before === null ? 'added' : after === null ? 'deleted' : 'modified'
  return { path, status, mode, sha: after === null ? null : 'x', diff, ...sides, ...more }
}
