import { SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import { ALLOWS_NOTHING, parseSecretAllowList, type SecretAllowList } from '../../checks/secret-allow-list.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'

/**
 * Reads what a repository allows, on the host and from a commit that only people with write access can have made: never
 * from the workspace or from the branch of a pull request. Asks GitHub with the first call only, since a change without
 * a finding does not need it.
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
