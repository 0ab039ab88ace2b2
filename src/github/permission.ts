import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export type Permission = 'admin' | 'write' | 'read' | 'none'

/**
 * What a person may do in a repository. GitHub reports `maintain` as `write` and `triage` as `read`.
 * Fails closed: when GitHub does not say, the answer is `none`.
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
  } catch {
    return 'none'
  }
}

/** Only people who could push themselves may start a run. */
export function mayWrite(permission: Permission): boolean {
  return permission === 'admin' || permission === 'write'
}
