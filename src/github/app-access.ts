import { BackspaceError } from '../errors.ts'
import { BoundedMap } from '../memory/bounded-map.ts'
import { createTokenSource, mintInstallationToken } from './app-token.ts'
import type { ContentLimiter } from './content-limiter.ts'
import { askGitHub, findOnGitHub } from './github-call.ts'
import { createGitHubClient, type GitHubClient, type GitHubClientOptions } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'
import type { KeptToken, TokenKeeper, TokenUse } from './token-keeper.ts'

/** What the App may do as itself: find its installations, and mint tokens for one repository. */
export interface AppAccess {
  /** The App's name and slug. GitHub is asked once; the answer is kept. */
  identity(): Promise<AppIdentity>
  /** The installation that covers a repository; undefined if there is none. */
  installationOf(ref: RepoRef): Promise<{ readonly id: number; readonly suspended: boolean } | undefined>
  /** @throws {BackspaceError} `not_installed` if the installation does not cover the repository or the permissions. */
  mint(request: MintRequest): Promise<KeptToken>
  /**
   * A client for one repository, which renews its own token. Clients are kept, so a busy repository needs few tokens.
   */
  hostClient(installationId: number, ref: RepoRef): GitHubClient
}

interface AppIdentity {
  readonly slug: string
  readonly login: string
}

interface MintRequest {
  readonly installationId: number
  /** By id if the caller knows it, since an id survives renames. */
  readonly repository: { readonly id: number } | { readonly name: string }
  readonly permissions: TokenPermissions
  readonly use: Omit<TokenUse, 'permissions'>
}

export interface TokenPermissions {
  readonly contents?: 'read' | 'write'
  readonly issues?: 'write'
  readonly pull_requests?: 'write'
  readonly checks?: 'write'
}

/** Enough for reads, reactions and comments, but not for pushes: publishing mints a token of its own. */
const HOST_PERMISSIONS: TokenPermissions = { contents: 'read', issues: 'write', pull_requests: 'write' }
const MAX_CLIENTS = 500

interface AppAccessOptions extends Omit<GitHubClientOptions, 'auth' | 'signal' | 'limiter'> {
  readonly app: { readonly id: number; readonly privateKey: string }
  readonly now: () => Date
  readonly tokens: TokenKeeper
  /** Paces the writes of an installation; default: they are not paced. */
  readonly limiterOf?: (installationId: number) => ContentLimiter
}

export function createAppAccess({ app, now, tokens, limiterOf, ...options }: AppAccessOptions): AppAccess {
  const asApp = createGitHubClient({
    ...options,
    auth: { kind: 'app', appId: app.id, privateKey: app.privateKey },
  })
  const clients = new BoundedMap<string, GitHubClient>(MAX_CLIENTS)
  let known: Promise<AppIdentity> | undefined

  async function askIdentity(): Promise<AppIdentity> {
    // The slug only serves to recognize Backspace's own comments, so a server without this route is no reason to fail.
    const answer = await findOnGitHub('read the name of the App', asApp.rest.apps.getAuthenticated())
    const slug = answer?.data?.slug ?? 'backspace'
    return { slug, login: `${slug}[bot]` }
  }

  function identity(): Promise<AppIdentity> {
    known ??= askIdentity().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  async function installationOf(ref: RepoRef) {
    const found = await findOnGitHub(
      `look for the App's installation on ${fullName(ref)}`,
      asApp.rest.apps.getRepoInstallation(inRepository(ref)),
    )
    return found && { id: found.data.id, suspended: Boolean(found.data.suspended_at) }
  }

  function mint({ installationId: installation_id, repository, permissions, use }: MintRequest) {
    const which =
      'id' in repository ? { repository_ids: [repository.id] } : { repositories: [repository.name] }
    const parameters = { ...which, installation_id, permissions: { ...permissions } }
    return tokens.mint({ ...use, permissions: parameters.permissions }, () =>
      askGitHub('get a token for this repository', mintInstallationToken(asApp, parameters)).catch(
        explainNotCovered,
      ),
    )
  }

  function hostClient(installationId: number, ref: RepoRef): GitHubClient {
    const key = `${installationId}/${ref.id ?? fullName(ref)}`
    const client = clients.get(key) ?? makeHostClient(installationId, ref)
    // Set at each use, so that the client that was used longest ago is dropped first.
    clients.set(key, client)
    return client
  }

  function makeHostClient(installationId: number, ref: RepoRef): GitHubClient {
    const repository = ref.id === undefined ? { name: ref.name } : { id: ref.id }
    const use = { purpose: 'host', reaches: fullName(ref) } as const
    const mintHostToken = () => mint({ installationId, repository, permissions: HOST_PERMISSIONS, use })
    const auth = createTokenSource({ mint: mintHostToken, now })
    return createGitHubClient({ ...options, auth, limiter: limiterOf?.(installationId) })
  }

  return { identity, installationOf, mint, hostClient }
}

/** GitHub answers 404 if the installation is gone, 422 if it does not cover the repository or a permission. */
function explainNotCovered(error: unknown): never {
  const status = githubStatus(error)
  if (status !== 404 && status !== 422) throw error
  throw new BackspaceError(
    'not_installed',
    'The Backspace App has no access to this repository, or lacks a permission that it needs (contents, issues and pull requests: read and write). An owner can change both in the settings of the installation.',
    { cause: error },
  )
}
