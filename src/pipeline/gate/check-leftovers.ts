import { showPath } from '../../text/show-path.ts'
import { type CollectedChanges, onlyFiles } from '../collect/collect-changes.ts'
import { listed } from './reasons.ts'

/** Files that Backspace's own checks wrote while they ran in the agent's workspace: coverage, logs, snapshots. */
export interface CheckLeftovers {
  /** @param before the change that was checked. @param after the workspace once the checks had run. */
  note(before: CollectedChanges, after: CollectedChanges): void
  /** The change without them. One that was written again since counts as the agent's. */
  without(changes: CollectedChanges): CollectedChanges
}

export function createCheckLeftovers(): CheckLeftovers {
  /** Git's id of the content, by path. */
  const left = new Map<string, string>()
  return {
    note(before, after) {
      const own = new Set(before.files.map(({ path }) => path))
      for (const { path, sha } of after.files) if (sha !== null && !own.has(path)) left.set(path, sha)
    },
    without(changes) {
      const files = changes.files.filter(({ path, sha }) => sha === null || left.get(path) !== sha)
      if (files.length === changes.files.length) return changes
      const gone = changes.files.filter((file) => !files.includes(file))
      const paths = listed(gone.map(({ path }) => showPath(path)))
      const notice = `Left out, because the checks wrote it and the agent did not: ${paths}.`
      return onlyFiles({ ...changes, notices: [...changes.notices, notice] }, files)
    },
  }
}
