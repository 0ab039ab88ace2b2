import { BackspaceError, knownError } from '../errors.ts'
import { type Pause, pause as pauseByClock } from '../time/pause.ts'
import { type AppAccess, createAppAccess, type TokenPermissions } from './app-access.ts'
import { type ContentLimiter, createContentLimiter } from './content-limiter.ts'
import { createGitHubClient, type GitHubClient } from './github-client.ts'
import { askGitHub } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'
import { type RepositoryInfo, readRepository } from './repositories.ts'

/** The way to GitHub: finds the credential that reaches a repository. */
export interface GitHubAccess {
  /** `https://github.com`, or the Enterprise Server's address; no slash at the end. */
  readonly webUrl: string
  /**
   * The App's installation first, else the personal access token.
   *
   * @throws {BackspaceError} `not_installed`, `repository_not_found`, `unauthorized`, `github_unavailable` …
   */
  repository(ref: RepositoryQuery): Promise<RepositoryAccess>
}

interface RepositoryQuery extends RepoRef {
  /** Known from a webhook; saves asking for it. */
  readonly installationId?: number
}

/** One repository, and the credential that reaches it. */
export interface RepositoryAccess {
  readonly credential: 'app' | 'pat'
  readonly repository: RepositoryInfo
  /** For reads, reactions and comments, on the host only. */
  readonly octokit: GitHubClient
  /** Who we are: `backspace[bot]`, or the token's owner. */
  readonly botLogin: string
  /**
   * A token for this repository and nothing else (App), or the personal access token itself.
   * Revoke it as soon as it has done its work.
   */
  mintToken(purpose: TokenPurpose, options?: MintOptions): Promise<MintedToken>
}

/** What a token is for; each has the permissions for that and no other. */
type TokenPurpose = keyof typeof TOKEN_PERMISSIONS

interface MintOptions {
  readonly signal?: AbortSignal
  /** Told of every token before it is used: the first, and another one when GitHub no longer takes that. */
  readonly onToken?: (token: string) => void
}

interface MintedToken {
  readonly token: string
  /** Waits longer than others for a rate limit to end: what is published has cost somebody money. */
  readonly octokit: GitHubClient
  /** Never fails; nothing happens for a personal access token, which is not ours to revoke. */
  revoke(): Promise<void>
}

export interface GitHubAccessOptions {
  readonly app?: { readonly id: number; readonly privateKey: string } | undefined
  readonly pat?: string | undefined
  readonly apiUrl: string
  readonly webUrl: string
  /** How waits are done, for tests. */
  readonly pause?: Pause
  readonly now?: () => Date
}

const TOKEN_PERMISSIONS = {
  read: { contents: 'read' },
  write: { contents: 'write', pull_requests: 'write', issues: 'write' },
  checks: { checks: 'write' },
} as const satisfies Record<string, TokenPermissions>

/** How long publishing waits for a rate limit, in milliseconds. */
const PUBLISH_PATIENCE_MS = 10 * 60_000

export function createGitHubAccess(options: GitHubAccessOptions): GitHubAccess {
  const { app, pat, apiUrl, webUrl, pause, now = () => new Date() } = options
  const clientOptions = { apiUrl, ...(pause ? { pause } : {}) }
  const limiterOf = createLimiters(pause)
  const asApp = app ? createAppAccess({ ...clientOptions, app, now, limiterOf }) : undefined

  async function repository(query: RepositoryQuery): Promise<RepositoryAccess> {
    if (!asApp && !pat) {
      throw new BackspaceError(
        'unauthorized',
        'Backspace has no GitHub credential. Set APP_ID and PRIVATE_KEY, or GITHUB_PAT.',
      )
    }
    const installation = asApp ? await findInstallation(asApp, query) : undefined
    if (asApp && installation && !installation.suspended) return throughAnyApp(asApp, installation.id, query)
    if (pat) return throughPat(pat, query)
    throw await notReachable(asApp, query, installation?.suspended ?? false)
  }

  /** A repository that was transferred meanwhile may belong to another installation than the one we know of. */
  async function throughAnyApp(access: AppAccess, installationId: number, query: RepositoryQuery) {
    try {
      return await throughApp(access, installationId, query)
    } catch (error) {
      if (query.installationId === undefined || knownError(error)?.code !== 'not_installed') throw error
      const today = await access.installationOf(query)
      if (today === undefined || today.suspended || today.id === installationId) throw error
      return throughApp(access, today.id, query)
    }
  }

  async function throughApp(access: AppAccess, installationId: number, query: RepositoryQuery) {
    const octokit = access.hostClient(installationId, query)
    const [info, { login }] = await Promise.all([readRepository(octokit, query), access.identity()])
    async function mintToken(purpose: TokenPurpose, { signal, onToken }: MintOptions = {}) {
      const minted: string[] = []
      const mint = async () => {
        const { token } = await mintFor(purpose, onToken)
        minted.push(token)
        return token
      }
      const token = await mint()
      let current = Promise.resolve(token)
      const auth = {
        kind: 'token',
        token: () => current,
        renew() {
          current = mint()
        },
      } as const
      const client = createGitHubClient({
        ...clientOptions,
        ...{ auth, limiter: limiterOf(installationId), patienceMs: PUBLISH_PATIENCE_MS },
        ...(signal ? { signal } : {}),
      })
      // One that was refused may be good a moment later, so it ends as well.
      const revoke = async () =>
        void (await Promise.all(minted.map((each) => revokeToken(tokenClient(each)))))
      return { token, octokit: client, revoke }
    }
    async function mintFor(purpose: TokenPurpose, onToken?: (token: string) => void) {
      const permissions = TOKEN_PERMISSIONS[purpose]
      const minted = await access.mint({ installationId, repository: { id: info.id }, permissions })
      onToken?.(minted.token)
      return minted
    }
    return {
      credential: 'app',
      repository: { ...info, canPush: true },
      octokit,
      botLogin: login,
      mintToken,
    } satisfies RepositoryAccess
  }

  async function throughPat(token: string, query: RepositoryQuery) {
    const octokit = tokenClient(token)
    const [info, { data: user }] = await Promise.all([
      readRepository(octokit, query),
      askGitHub('read whose GITHUB_PAT this is', octokit.rest.users.getAuthenticated()),
    ])
    async function mintToken(_purpose: TokenPurpose, { signal, onToken }: MintOptions = {}) {
      onToken?.(token)
      const patience = { patienceMs: PUBLISH_PATIENCE_MS, ...(signal ? { signal } : {}) }
      return { token, octokit: tokenClient(token, patience), revoke: async () => {} }
    }
    return {
      credential: 'pat',
      repository: info,
      octokit,
      botLogin: user.login,
      mintToken,
    } satisfies RepositoryAccess
  }

  function tokenClient(
    token: string,
    more: { readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
  ): GitHubClient {
    const auth = { kind: 'token', token: async () => token } as const
    return createGitHubClient({ ...clientOptions, auth, limiter: limiterOf('pat'), ...more })
  }

  /** Anybody can see a public repository, so an anonymous look tells "not installed" from "no such thing". */
  async function notReachable(access: AppAccess | undefined, ref: RepoRef, suspended: boolean) {
    const slug = (await access?.identity())?.slug ?? 'backspace'
    const install = `${webUrl}/apps/${slug}/installations/new`
    const name = `${ref.owner}/${ref.name}`
    if (suspended) {
      return new BackspaceError(
        'not_installed',
        `The installation of the Backspace App on ${name} is suspended. An owner can unsuspend it in the account's settings.`,
      )
    }
    const anonymous = createGitHubClient({ ...clientOptions, auth: { kind: 'anonymous' } })
    const seen = await anonymous.rest.repos.get({ owner: ref.owner, repo: ref.name }).then(
      () => true,
      () => false,
    )
    return seen
      ? new BackspaceError(
          'not_installed',
          `The Backspace App is not installed on ${name}. Install it: ${install}`,
        )
      : new BackspaceError(
          'repository_not_found',
          `${name} does not exist, or it is private and the Backspace App is not installed on it. Check the name, or install the App: ${install}`,
        )
  }

  return { webUrl, repository }
}

/** One limiter per installation, for as long as the process lives: an installation is an account, so there are few. */
function createLimiters(pause: Pause = pauseByClock): (owner: number | 'pat') => ContentLimiter {
  const limiters = new Map<number | 'pat', ContentLimiter>()
  return (owner) => {
    const limiter = limiters.get(owner) ?? createContentLimiter({ pause })
    limiters.set(owner, limiter)
    return limiter
  }
}

async function findInstallation(access: AppAccess, query: RepositoryQuery) {
  return query.installationId === undefined
    ? access.installationOf(query)
    : { id: query.installationId, suspended: false }
}

async function revokeToken(octokit: GitHubClient): Promise<void> {
  // A token that cannot be revoked ends by itself within the hour; the run is not failed for it.
  await octokit.rest.apps.revokeInstallationAccessToken().catch(() => undefined)
}
