import { parseRepoSettings, type RepoSettings, SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { getFile, listRoot } from '../../github/repositories.ts'

/** Settings for all repositories of an owner, from the owner's repository `.github`; undefined if there are none. */
export type ReadOwnerDefaults = (
  access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
) => Promise<RepoSettings | undefined>

const REPOSITORY = '.github'
/** Next to the repository's own settings, or at the root, where `.github` would be said twice. */
const PLACES = [...SETTINGS_PATHS, 'backspace.yml', 'backspace.yaml']
const KEPT_MS = 10 * 60_000
const MAX_OWNERS = 1000

/**
 * Reads with the credential of the run, so a private `.github` counts only if that credential sees it. An answer, also
 * that there is none, is kept for ten minutes; a repository that does not exist costs one request.
 */
export function createOwnerDefaults(now: () => Date): ReadOwnerDefaults {
  const kept = new Map<
    string,
    { readonly at: number; readonly settings: Promise<RepoSettings | undefined> }
  >()

  return async ({ octokit, repository }) => {
    if (repository.name.toLowerCase() === REPOSITORY) return undefined
    const key = `${repository.owner.toLowerCase()} ${repository.private}`
    const known = kept.get(key)
    if (known && now().getTime() - known.at < KEPT_MS) return known.settings
    const settings = read({ octokit, owner: repository.owner })
    kept.delete(key)
    kept.set(key, { at: now().getTime(), settings })
    const [oldest] = kept.keys()
    if (kept.size > MAX_OWNERS && oldest !== undefined) kept.delete(oldest)
    return settings.catch(() => {
      kept.delete(key)
      return undefined
    })
  }
}

async function read({
  octokit,
  owner,
}: Pick<RepositoryAccess, 'octokit'> & { readonly owner: string }): Promise<RepoSettings | undefined> {
  const repository = { owner, name: REPOSITORY }
  const names = await listRoot(octokit, repository)
  for (const path of PLACES) {
    if (!names.includes(path.split('/')[0] ?? '')) continue
    const text = await getFile(octokit, { repository, path, ref: 'HEAD' })
    if (text !== undefined) return parseRepoSettings(text, `${owner}/${REPOSITORY}/${path}`)
  }
  return undefined
}
