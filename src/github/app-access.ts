import { BackspaceError } from '../errors.ts'
import type { ContentLimiter } from './content-limiter.ts'
import { createGitHubClient, type GitHubClient, type GitHubClientOptions } from './github-client.ts'
import { askGitHub, githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/** What the App may do by itself: find its installations, and mint tokens for one repository. */
export interface AppAccess {
  /** Asked once, then remembered. */
  identity(): Promise<{ readonly slug: string; readonly login: string }>
  /** The installation that covers a repository; undefined when there is none. */
  installationOf(ref: RepoRef): Promise<{ readonly id: number; readonly suspended: boolean } | undefined>
  mint(request: MintRequest): Promise<{ readonly token: string; readonly expiresAt: Date }>
  /** A client for one repository that renews its token; kept, so that a busy repository is not asked anew. */
  hostClient(installationId: number, ref: RepoRef): GitHubClient
}

interface MintRequest {
  readonly installationId: number
  /** By id when it is known: ids survive renames. */
  readonly repository: { readonly id: number } | { readonly name: string }
  readonly permissions: TokenPermissions
}

export interface TokenPermissions {
  readonly contents?: 'read' | 'write'
  readonly issues?: 'write'
  readonly pull_requests?: 'write'
  readonly checks?: 'write'
}

/** Reads, reactions and comments. No push: that token is minted when something is published. */
const HOST_PERMISSIONS: TokenPermissions = { contents: 'read', issues: 'write', pull_requests: 'write' }
const MAX_CLIENTS = 500

interface AppAccessOptions extends Omit<GitHubClientOptions, 'auth' | 'signal' | 'limiter'> {
  readonly app: { readonly id: number; readonly privateKey: string }
  readonly now: () => Date
  /** What paces the writes of an installation; without it they are not paced. */
  readonly limiterOf?: (installationId: number) => ContentLimiter
}

/** GitHub says 404 for an installation that is gone, 422 for a repository or permission that it does not cover. */
function notCovered(error: unknown): never {
  const status = githubStatus(error)
  if (status !== 404 && status !== 422) throw error
  throw new BackspaceError(
    'not_installed',
    'The Backspace App has no access to this repository, or was not granted the permissions it asks for (contents, issues and pull requests: read and write). An owner can correct it in the installation’s settings.',
    { cause: error },
  )
}

export function createAppAccess({ app, now, limiterOf, ...options }: AppAccessOptions): AppAccess {
  const asApp = createGitHubClient({
    ...options,
    auth: { kind: 'app', appId: app.id, privateKey: app.privateKey },
  })
  const clients = new Map<string, GitHubClient>()
  let known: Promise<{ slug: string; login: string }> | undefined

  async function askIdentity(): Promise<{ slug: string; login: string }> {
    const request = askGitHub('read the App’s own name', asApp.rest.apps.getAuthenticated())
    // Only our own comments are found by it: no reason to fail where a server does not tell.
    const answer = await request.catch((error: unknown) => {
      if (githubStatus(error) === 404) return undefined
      throw error
    })
    const slug = answer?.data?.slug ?? 'backspace'
    return { slug, login: `${slug}[bot]` }
  }

  function identity(): Promise<{ slug: string; login: string }> {
    known ??= askIdentity().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  async function installationOf({ owner, name }: RepoRef) {
    try {
      const { data } = await asApp.rest.apps.getRepoInstallation({ owner, repo: name })
      return { id: data.id, suspended: data.suspended_at !== null && data.suspended_at !== undefined }
    } catch (error) {
      if (githubStatus(error) === 404) return undefined
      return askGitHub(`look for the App's installation on ${owner}/${name}`, Promise.reject(error))
    }
  }

  async function mint({ installationId, repository, permissions }: MintRequest) {
    const request = asApp.rest.apps.createInstallationAccessToken({
      installation_id: installationId,
      ...('id' in repository ? { repository_ids: [repository.id] } : { repositories: [repository.name] }),
      permissions: { ...permissions },
    })
    const { data } = await askGitHub('get a token for this one repository', request).catch(notCovered)
    return { token: data.token, expiresAt: new Date(data.expires_at) }
  }

  function hostClient(installationId: number, ref: RepoRef): GitHubClient {
    const key = `${installationId}/${ref.id ?? `${ref.owner}/${ref.name}`}`
    const client = clients.get(key) ?? makeHostClient(installationId, ref)
    // Used last moves to the end, so that the first key is always the one to forget.
    clients.delete(key)
    clients.set(key, client)
    const [oldest] = clients.keys()
    if (clients.size > MAX_CLIENTS && oldest !== undefined) clients.delete(oldest)
    return client
  }

  function makeHostClient(installationId: number, ref: RepoRef): GitHubClient {
    const repository = ref.id === undefined ? { name: ref.name } : { id: ref.id }
    const mintHostToken = () => mint({ installationId, repository, permissions: HOST_PERMISSIONS })
    const auth = createTokenSource({ mint: mintHostToken, now })
    const limiter = limiterOf?.(installationId)
    return createGitHubClient({ ...options, auth, ...(limiter ? { limiter } : {}) })
  }

  return { identity, installationOf, mint, hostClient }
}

/** Tokens live an hour; one that is about to end is not handed out. */
const RENEW_BEFORE_MS = 10 * 60_000

interface TokenSourceOptions {
  readonly mint: () => Promise<{ readonly token: string; readonly expiresAt: Date }>
  readonly now: () => Date
}

/** How a client gets a token that is always good for a while: the same one until it is about to end. */
export function createTokenSource({
  mint,
  now,
}: TokenSourceOptions): Extract<GitHubClientOptions['auth'], { kind: 'token' }> {
  let current: ReturnType<typeof mint> | undefined
  async function token(): Promise<string> {
    const held = current
    const ready = held && (await held.catch(() => undefined))
    if (ready && ready.expiresAt.getTime() - now().getTime() > RENEW_BEFORE_MS) return ready.token
    // Whoever waited for the same token meanwhile finds the new one here, instead of minting another.
    if (current === held || !current) current = mint()
    return (await current).token
  }
  function renew(): void {
    current = undefined
  }
  return { kind: 'token', token, renew }
}
