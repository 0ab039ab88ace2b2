import { mintInstallationToken } from './app-token.ts'
import { askGitHub, githubTime } from './github-call.ts'
import { createGitHubClient, type GitHubClient } from './github-client.ts'
import type { TokenKeeper } from './token-keeper.ts'

/** What GitHub says about an App. */
export interface AppFacts {
  readonly slug: string
  readonly name: string
  /** Login of the App's owner; undefined if that is an enterprise. */
  readonly owner: string | undefined
  /** `read` or `write`, by the name of the permission. */
  readonly permissions: Readonly<Record<string, string>>
  readonly events: readonly string[]
  /** The page on which the App's owner changes its permissions and events. */
  readonly permissionsUrl: string
  /** The page on which people install the App on further accounts. */
  readonly installUrl: string
  /** The time on GitHub's clock. */
  readonly at: Date
}

/** @param octokit a client of the App itself. @param webUrl address of GitHub's pages. */
export async function readAppFacts(octokit: GitHubClient, webUrl: string): Promise<AppFacts> {
  const answer = await askGitHub('ask GitHub about its App', octokit.rest.apps.getAuthenticated())
  const { slug = '', name, owner, permissions, events } = answer.data ?? {}
  const login = owner && 'login' in owner ? owner.login : undefined
  const settings =
    login !== undefined && owner && 'type' in owner && owner.type === 'Organization'
      ? `${webUrl}/organizations/${login}/settings/apps/${slug}`
      : `${webUrl}/settings/apps/${slug}`
  return {
    slug,
    name: name ?? slug,
    owner: login,
    permissions: levelsOf(permissions),
    events: events ?? [],
    permissionsUrl: `${settings}/permissions`,
    installUrl: `${webUrl}/apps/${slug}/installations/new`,
    at: githubTime(answer),
  }
}

/** An account on which the App is installed, and what its owner granted. */
export interface InstallationFacts {
  readonly id: number
  readonly account: string
  readonly suspended: boolean
  readonly permissions: Readonly<Record<string, string>>
  readonly events: readonly string[]
  /** The page on which the owner accepts permissions and chooses repositories. */
  readonly settingsUrl: string
}

/** @param octokit a client of the App itself. */
export async function readInstallationFacts(octokit: GitHubClient): Promise<readonly InstallationFacts[]> {
  const all = await askGitHub(
    'list the installations of the App',
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  )
  return all.map(({ id, account, suspended_at, permissions, events, html_url }) => {
    // An enterprise has a slug and no login, but Octokit's types know only accounts with a login.
    const named: { readonly login?: string; readonly slug?: string } = account ?? {}
    return {
      id,
      account: named.login ?? named.slug ?? String(id),
      suspended: Boolean(suspended_at),
      permissions: levelsOf(permissions),
      events,
      settingsUrl: html_url,
    }
  })
}

function levelsOf(permissions: object | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(permissions ?? {}).map(([name, level]) => [name, String(level)]))
}

/**
 * How many repositories an installation covers. It asks with a token that can do nothing else and is revoked at once.
 *
 * @param octokit a client of the App itself.
 */
export async function countRepositories(
  octokit: GitHubClient,
  {
    apiUrl,
    tokens,
    installation,
  }: {
    readonly apiUrl: string
    readonly tokens: TokenKeeper
    readonly installation: Pick<InstallationFacts, 'id' | 'account'>
  },
): Promise<number> {
  const permissions = { metadata: 'read' } as const
  const { id: installation_id, account } = installation
  await using kept = await tokens.mint({ purpose: 'reader', reaches: account, permissions }, () =>
    askGitHub(`get a token of ${account}`, mintInstallationToken(octokit, { installation_id, permissions })),
  )
  const { token } = kept
  const reader = createGitHubClient({ apiUrl, auth: { kind: 'token', token: async () => token } })
  const { data } = await askGitHub(
    `count the repositories of ${account}`,
    reader.rest.apps.listReposAccessibleToInstallation({ per_page: 1 }),
  )
  return data.total_count
}

export interface HookConfig {
  /** Empty when the App has no webhook. */
  readonly url: string
  /** `json` or `form`. */
  readonly contentType: string
}

/** Where GitHub sends the App's webhooks. @param octokit a client of the App itself. */
export async function readHookConfig(octokit: GitHubClient): Promise<HookConfig> {
  const { data } = await askGitHub(
    'read where webhooks of the App go',
    octokit.rest.apps.getWebhookConfigForApp(),
  )
  return { url: data.url ?? '', contentType: data.content_type ?? 'form' }
}
