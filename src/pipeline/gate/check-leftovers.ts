import { showPath } from '../../text/show-path.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { type CollectedChanges, onlyFiles } from '../collect/collect-changes.ts'
import { listed } from './reasons.ts'

/** Files that Backspace's own checks wrote, changed or removed while they ran in the agent's workspace: coverage, logs, snapshots. */
export interface CheckLeftovers {
  /** @param before the change that was checked. @param after the workspace after the checks. */
  note(before: CollectedChanges, after: CollectedChanges): void
  /**
   * Removes leftovers from a change: a file that the checks overwrote gets the agent's content back. A file that has changed
   * again since the checks counts as the agent's work.
   */
  without(changes: CollectedChanges): CollectedChanges
}

interface Leftover {
  /** Blob id of the file as the checks left it; null if the checks deleted it. */
  readonly sha: string | null
  /** The file as the agent had left it; undefined if the agent had not touched it. */
  readonly agents: ChangedFile | undefined
}

/** @param locks lock files in conflict: whatever program writes them again does what is asked. */
export function createCheckLeftovers(locks: ReadonlySet<string> = new Set()): CheckLeftovers {
  const left = new Map<string, Leftover>()
  return {
    note(before, after) {
      const own = new Map(before.files.map((file) => [file.path, file]))
      for (const { path, sha } of after.files) {
        const agents = own.get(path)
        if (agents?.sha !== sha && !locks.has(path)) left.set(path, { sha, agents })
      }
    },
    without(changes) {
      const theirs = (file: ChangedFile) => {
        const found = left.get(file.path)
        return found?.sha === file.sha ? found : undefined
      }
      const found = changes.files.filter((file) => theirs(file))
      if (found.length === 0) return changes
      const files = changes.files.flatMap((file) => {
        const leftover = theirs(file)
        return leftover ? (leftover.agents ?? []) : file
      })
      return onlyFiles({ ...changes, notices: [...changes.notices, ...noticesOn(found, theirs)] }, files)
    },
  }
}

function noticesOn(
  found: readonly ChangedFile[],
  theirs: (file: ChangedFile) => Leftover | undefined,
): readonly string[] {
  const [kept, out] = [true, false].map((isKept) =>
    found.filter((file) => (theirs(file)?.agents !== undefined) === isKept),
  )
  const paths = (files: readonly ChangedFile[] = []) => listed(files.map(({ path }) => showPath(path)))
  return [
    ...(out?.length ? [`Left out, because the checks wrote it and the agent did not: ${paths(out)}.`] : []),
    ...(kept?.length ? [`As the agent left it, though the checks changed it: ${paths(kept)}.`] : []),
  ]
}
