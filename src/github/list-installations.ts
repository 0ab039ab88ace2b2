import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'

/**
 * Ids of the App's installations that are not suspended.
 *
 * @param octokit a client of the App itself.
 */
export async function listInstallations(octokit: GitHubClient): Promise<readonly number[]> {
  const all = await askGitHub(
    'list the installations of the App',
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  )
  return all.filter(({ suspended_at }) => !suspended_at).map(({ id }) => id)
}
