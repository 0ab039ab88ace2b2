import type { GitHubAccess } from '../github/github-access.ts'
import type { WebDeps } from '../web/web-deps.ts'
import { createPullRequestFinder } from './find-pull-request.ts'

/** The questions about repositories that the web app asks GitHub, with the credential that reaches each of them. */
export function createRepositoryQuestions(
  github: GitHubAccess,
): Pick<WebDeps, 'checkRepository' | 'findPullRequest'> {
  return {
    /** Finds the current name and the id of a repository. */
    async checkRepository(asked) {
      const { owner, name, id } = (await github.repository(asked)).repository
      return { owner, name, id }
    },
    findPullRequest: createPullRequestFinder(github),
  }
}
