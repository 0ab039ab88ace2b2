import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

export type Permission = 'admin' | 'write' | 'read' | 'none'

/**
 * What a person may do in a repository. GitHub reports `maintain` as `write` and `triage` as `read`; anything else
 * that it may say one day counts as `none`.
 *
 * @throws {BackspaceError} when GitHub does not say. Whoever asks must not go on then.
 */
export async function permissionOf(octokit: GitHubClient, ref: RepoRef, login: string): Promise<Permission> {
  try {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
      owner: ref.owner,
      repo: ref.name,
      username: login,
    })
    return data.permission === 'admin' || data.permission === 'write' || data.permission === 'read'
      ? data.permission
      : 'none'
  } catch (error) {
    if (githubStatus(error) === 404) return 'none'
    return askGitHub(`read what ${login} may do in ${ref.owner}/${ref.name}`, Promise.reject(error))
  }
}

/** Only people who could push themselves may start a run. */
export function mayWrite(permission: Permission): boolean {
  return permission === 'admin' || permission === 'write'
}
