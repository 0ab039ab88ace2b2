import type { GitHubAccess } from '../github/github-access.ts'
import type { WebDeps } from '../web/web-deps.ts'
import { createPullRequestFinder } from './find-pull-request.ts'

/** What the web app asks GitHub about repositories, with the credential that reaches each. */
export function createRepositoryQuestions(
  github: GitHubAccess,
): Pick<WebDeps, 'checkRepository' | 'findPullRequest'> {
  return {
    /** Its current name, and its number. */
    async checkRepository(asked) {
      const { owner, name, id } = (await github.repository(asked)).repository
      return { owner, name, id }
    },
    findPullRequest: createPullRequestFinder(github),
  }
}
