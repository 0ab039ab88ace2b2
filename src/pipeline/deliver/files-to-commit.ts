import { BackspaceError } from '../../errors.ts'
import type { FileToCommit } from '../../github/commit-changes.ts'
import type { ChangedFile } from '../changes/change-list.ts'

/** What the gate passed, as entries of a commit; a rename is two. */
export function filesToCommit(files: readonly ChangedFile[]): FileToCommit[] {
  return files.flatMap(({ path, previousPath, mode, bytes, sha }): FileToCommit[] => {
    const removed: FileToCommit[] =
      previousPath === undefined ? [] : [{ path: previousPath, mode: '100644', content: null }]
    if (bytes === null || sha === null) return [...removed, { path, mode: '100644', content: null }]
    if (mode !== '100644' && mode !== '100755') {
      throw new BackspaceError('publish_blocked', `\`${path}\` is not a plain file (mode ${mode}).`)
    }
    return [...removed, { path, mode, content: { bytes, sha } }]
  })
}
