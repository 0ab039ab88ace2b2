import { SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import { ALLOWS_NOTHING, parseSecretAllowList, type SecretAllowList } from '../../checks/secret-allow-list.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'

/**
 * Reads which findings a repository allows. It reads them on the host, from a commit that only people with write access
 * can have made, never from the workspace or the branch of a pull request. GitHub is asked at the first call only, since
 * a change without findings does not need the list.
 */
export function createAllowListReader(
  access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { texts, commit }: { readonly texts: Pick<CommitTexts, 'read'>; readonly commit: string },
): () => Promise<SecretAllowList> {
  async function read(): Promise<SecretAllowList> {
    for (const path of SETTINGS_PATHS) {
      const text = await texts.read(access, { path, ref: commit })
      if (text !== undefined) return parseSecretAllowList(text, path)
    }
    return ALLOWS_NOTHING
  }

  let list: Promise<SecretAllowList> | undefined
  return () => {
    list ??= read()
    return list.catch(() => {
      list = undefined
      const problem = `GitHub did not return \`${SETTINGS_PATHS[0]}\`, so no finding is allowed.`
      return { ...ALLOWS_NOTHING, problems: [problem] }
    })
  }
}
