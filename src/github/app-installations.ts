import { createTokenSource, mintInstallationToken } from './app-token.ts'
import { askGitHub, githubTime } from './github-call.ts'
import { createGitHubClient, type GitHubClient, type GitHubClientOptions } from './github-client.ts'
import type { KeptToken, TokenKeeper } from './token-keeper.ts'

/** The App's view of all its installations. Upkeep uses it; runs do not. */
export interface AppInstallations {
  /**
   * A client of the App itself, for its webhook deliveries and installations.
   *
   * @param signal ends requests and waits.
   */
  asApp(signal: AbortSignal): GitHubClient
  /** A client that may only read issues and pull requests, in all repositories of one installation. */
  reader(installationId: number, signal: AbortSignal): GitHubClient
}

export interface AppInstallationsOptions extends Omit<GitHubClientOptions, 'auth' | 'signal'> {
  readonly app: { readonly id: number; readonly privateKey: string }
  readonly tokens: TokenKeeper
  readonly now?: () => Date
}

const READER_PERMISSIONS = { metadata: 'read', issues: 'read', pull_requests: 'read' } as const

export function createAppInstallations(options: AppInstallationsOptions): AppInstallations {
  const { app, tokens, now = () => new Date(), ...client } = options
  const sources = new Map<number, ReturnType<typeof createTokenSource>>()

  function asApp(signal?: AbortSignal): GitHubClient {
    const auth = { kind: 'app', appId: app.id, privateKey: app.privateKey } as const
    return createGitHubClient({ ...client, auth, signal })
  }

  function mint(installationId: number): Promise<KeptToken> {
    const permissions = READER_PERMISSIONS
    return tokens.mint({ purpose: 'reader', reaches: `installation ${installationId}`, permissions }, () =>
      askGitHub(
        `get a token to read issues of installation ${installationId}`,
        mintInstallationToken(asApp(), { installation_id: installationId, permissions }),
      ),
    )
  }

  function sourceOf(installationId: number) {
    const known = sources.get(installationId)
    if (known) return known
    const source = createTokenSource({ mint: () => mint(installationId), now })
    sources.set(installationId, source)
    return source
  }

  return {
    asApp,
    reader: (installationId, signal) =>
      createGitHubClient({ ...client, auth: sourceOf(installationId), signal }),
  }
}

/**
 * Ids of the App's installations, without suspended ones.
 *
 * @param octokit a client of the App itself.
 */
export async function listInstallations(octokit: GitHubClient): Promise<readonly number[]> {
  const all = await askGitHub(
    'list the installations of the App',
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  )
  return all.filter(({ suspended_at }) => !suspended_at).map(({ id }) => id)
}

interface InstalledRepository {
  readonly id: number
  readonly owner: string
  readonly name: string
}

interface InstalledRepositories {
  readonly repositories: readonly InstalledRepository[]
  /** When GitHub began to answer, by GitHub's clock. */
  readonly at: Date
}

/**
 * The repositories of an installation. Archived ones are left out, since no one can comment there.
 *
 * @param octokit a client of that installation.
 */
export async function listInstalledRepositories(octokit: GitHubClient): Promise<InstalledRepositories> {
  let at: Date | undefined
  const all = await askGitHub(
    'list the repositories of an installation',
    octokit.paginate(octokit.rest.apps.listReposAccessibleToInstallation, { per_page: 100 }, (page) => {
      at ??= githubTime(page)
      return page.data
    }),
  )
  const repositories = all
    .filter(({ archived }) => !archived)
    .map(({ id, owner, name }) => ({ id, owner: owner.login, name }))
  return { repositories, at: at ?? new Date() }
}
