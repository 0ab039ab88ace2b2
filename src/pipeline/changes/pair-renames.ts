import type { RawChange } from './raw-changes.ts'

/**
 * Joins a deletion and an addition to one rename where the file is the same, or where git found it similar. Only
 * for people: publishing does the same with or without it.
 *
 * @param changes without renames.
 * @param similar what git says was renamed; it comes from the sandbox, so it is only taken where `changes` has both.
 */
export function pairRenames(changes: readonly RawChange[], similar: readonly RawChange[]): RawChange[] {
  const deleted = new Map(changes.filter(isPlainDeletion).map((change) => [change.path, change]))
  const hints = new Map(similar.map(({ path, previousPath }) => [path, previousPath]))
  const gone = new Set<string>()
  const paired = changes.map((change) => {
    if (change.status !== 'A' || !isFile(change.newMode)) return change
    const same = [...deleted.values()].find(({ oldSha }) => oldSha === change.newSha)
    const from = deleted.get(hints.get(change.path) ?? '') ?? same
    if (!from) return change
    deleted.delete(from.path)
    gone.add(from.path)
    const { oldSha, oldMode, path: previousPath } = from
    return { ...change, status: 'R', oldSha, oldMode, previousPath }
  })
  return paired.filter((change) => change.status !== 'D' || !gone.has(change.path))
}

function isPlainDeletion({ status, oldMode }: RawChange): boolean {
  return status === 'D' && isFile(oldMode)
}

function isFile(mode: string): boolean {
  return mode === '100644' || mode === '100755'
}
