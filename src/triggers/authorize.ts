import type { GitHubClient } from '../github/github-client.ts'
import type { RepoRef } from '../github/repo-ref.ts'
import { mayWrite, permissionOf } from '../github/repositories.ts'

/** Who made an event happen, as the signed payload names them. */
export interface Sender {
  readonly login: string
  readonly id: number
  /** `User`, `Bot`, `Organization`, `Mannequin` … */
  readonly type: string
}

/** Bots never start a run, ourselves least of all: two that answer each other would never end. */
export function isPerson({ login, type }: Sender): boolean {
  return type === 'User' && !login.endsWith('[bot]') && login !== 'ghost' && login !== 'Copilot'
}

export type Authorization = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

/**
 * May this person start a run here? Asks GitHub each time, since access can be taken away at any moment.
 *
 * @throws {BackspaceError} when GitHub does not answer; then nothing is started.
 */
export async function authorize(
  octokit: GitHubClient,
  { repository, sender }: { readonly repository: RepoRef; readonly sender: Sender },
): Promise<Authorization> {
  const permission = await permissionOf(octokit, repository, sender.login)
  if (mayWrite(permission)) return { allowed: true }
  const has = permission === 'read' ? 'you have read access' : 'you have no access of your own'
  return {
    allowed: false,
    reason: `@${sender.login}, only people with write access to ${repository.owner}/${repository.name} can start Backspace, and ${has}. Ask a maintainer to comment \`/backspace …\` here.`,
  }
}
