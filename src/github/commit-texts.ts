import type { TreeListing } from './commits.ts'
import type { RepositoryAccess } from './github-access.ts'
import { fullName } from './repo-ref.ts'
import { getFile } from './repositories.ts'

/** Reads text files of commits. Each file is requested at most once during a run. */
export interface CommitTexts {
  /**
   * Like `getFile`.
   *
   * @param file.ref a commit.
   */
  readonly read: (
    access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
    file: { readonly path: string; readonly ref: string },
  ) => Promise<string | undefined>
  /** Adds the list of a commit's files. From then on, a file that is not in it costs no request. */
  readonly list: (commit: string, files: TreeListing) => void
}

/**
 * Further texts are requested again, so that a run that reads the instructions of a thousand folders does not keep them
 * all.
 */
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
      // A failed read is forgotten, since the next one may succeed.
      text.catch(() => kept.delete(key))
      return text
    },
  }
}
