import type { GitHubClient } from '../github/github-client.ts'
import type { RepoRef } from '../github/repo-ref.ts'
import { accessOf, mayWrite } from '../github/repositories.ts'
import { ownWords, type SafeMarkdown } from '../text/markdown/safe-markdown.ts'

/** The account that caused an event, as the signed payload names it. */
export interface Sender {
  readonly login: string
  readonly id: number
  /** `User`, `Bot`, `Organization`, `Mannequin` … */
  readonly type: string
}

/** Bots never start a run: two bots that answer each other would never stop. */
export function isPerson({ login, type }: Sender): boolean {
  return type === 'User' && !login.endsWith('[bot]') && login !== 'ghost' && login !== 'Copilot'
}

export type Authorization =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: SafeMarkdown }

/**
 * Decides whether this person may start a run here. Asks GitHub every time, since access can be revoked.
 *
 * @throws {BackspaceError} when GitHub does not answer; then nothing is started.
 */
export async function authorize(
  octokit: GitHubClient,
  { repository, sender }: { readonly repository: RepoRef; readonly sender: Sender },
): Promise<Authorization> {
  const { permission, role } = await accessOf(octokit, repository, sender.login)
  if (mayWrite(permission)) return { allowed: true }
  const where = `${repository.owner}/${repository.name}`
  const has = permission === 'none' ? 'no access of your own' : `${role} access`
  return {
    allowed: false,
    reason: ownWords(
      `@${sender.login}, starting Backspace needs write access to ${where}; you have ${has}. Ask a maintainer to comment \`/backspace …\` here.`,
    ),
  }
}
