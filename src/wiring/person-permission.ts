import { knownError } from '../errors.ts'
import { listCollaborators, permissionOfAccount } from '../github/collaborators.ts'
import type { GitHubAccess, RepositoryAccess } from '../github/github-access.ts'
import { permissionOf } from '../github/repositories.ts'
import type { RepositoryTarget } from '../runs/run.ts'
import type { WebDeps } from '../web/web-deps.ts'

/**
 * Asks GitHub what a person may do, with the credential that reaches the repository.
 *
 * @param onRename called with the id of an account and its new login.
 */
export function createPersonPermission(
  github: Pick<GitHubAccess, 'repository'>,
  onRename: (id: number, login: string) => Promise<void> = async () => {},
): Pick<WebDeps, 'permissionOf' | 'audienceOf'> {
  /**
   * Undefined for a repository that was deleted or that Backspace cannot reach, since no person can do anything there.
   */
  async function reach(repository: RepositoryTarget): Promise<RepositoryAccess | undefined> {
    try {
      return await github.repository(repository)
    } catch (error) {
      const code = knownError(error)?.code
      if (code === 'repository_not_found' || code === 'not_installed') return undefined
      throw error
    }
  }

  return {
    async permissionOf(repository, { login, id }) {
      const access = await reach(repository)
      if (!access) return 'none'
      if (id === undefined) return permissionOf(access.octokit, access.repository, login)
      const now = await permissionOfAccount(access.octokit, access.repository, { id, login })
      if (now.login !== login) await onRename(id, now.login)
      return now.permission
    },
    async audienceOf(repository) {
      const access = await reach(repository)
      if (!access) return { isPublic: false, people: [] }
      const { octokit, repository: found } = access
      return { isPublic: !found.private, people: await listCollaborators(octokit, found) }
    },
  }
}
