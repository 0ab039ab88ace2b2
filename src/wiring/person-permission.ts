import { knownError } from '../errors.ts'
import type { GitHubAccess } from '../github/github-access.ts'
import { permissionOf } from '../github/repositories.ts'
import type { RepositoryTarget } from '../runs/run.ts'
import type { WebDeps } from '../web/web-deps.ts'

/** Asks GitHub what a person may do, with the credential that reaches the repository. */
export function createPersonPermission(github: Pick<GitHubAccess, 'repository'>): WebDeps['permissionOf'] {
  return async (repository, login) => {
    const access = await reach(repository)
    return access ? permissionOf(access.octokit, access.repository, login) : 'none'
  }

  /** Undefined for a repository that is gone or out of Backspace's reach; no person can do more there. */
  async function reach(repository: RepositoryTarget) {
    try {
      return await github.repository(repository)
    } catch (error) {
      const code = knownError(error)?.code
      if (code === 'repository_not_found' || code === 'not_installed') return undefined
      throw error
    }
  }
}
