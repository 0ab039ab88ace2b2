import type { TreeListing } from './commits.ts'
import type { RepositoryAccess } from './github-access.ts'
import { fullName } from './repo-ref.ts'
import { getFile } from './repositories.ts'

/** Text files of commits, each asked for once for as long as a run lasts. */
export interface CommitTexts {
  /** As `getFile`. @param file.ref a commit. */
  readonly read: (
    access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
    file: { readonly path: string; readonly ref: string },
  ) => Promise<string | undefined>
  /** From now on, a file that is not in the commit costs no request. */
  readonly list: (commit: string, files: TreeListing) => void
}

/** More are asked for again: a run that reads the instructions of a thousand folders does not keep them all. */
const MOST_KEPT = 200

export function createCommitTexts(): CommitTexts {
  const kept = new Map<string, Promise<string | undefined>>()
  const listed = new Map<string, ReadonlySet<string>>()

  return {
    list(commit, { entries, truncated }) {
      if (!truncated) listed.set(commit, new Set(entries.map(({ path }) => path)))
    },
    async read({ octokit, repository }, { path, ref }) {
      if (listed.get(ref)?.has(path) === false) return undefined
      const key = `${fullName(repository)} ${ref} ${path}`
      const known = kept.get(key)
      if (known) return known
      const text = getFile(octokit, { repository, path, ref })
      if (kept.size >= MOST_KEPT) return text
      kept.set(key, text)
      // What failed may go better the next time.
      text.catch(() => kept.delete(key))
      return text
    },
  }
}
