import type { GitHubAccess, GitHubAccessOptions } from '../github/octokit.ts'
import { loadOnce } from './load-once.ts'

/** GitHub as the operator set it up; its client is loaded when something is first asked of it. */
export function reachGitHub(options: GitHubAccessOptions): GitHubAccess {
  const access = loadOnce(async () => {
    const { createGitHubAccess } = await import('../github/octokit.ts')
    return createGitHubAccess(options)
  })
  return {
    webUrl: options.webUrl,
    repository: async (query) => (await access()).repository(query),
  }
}
