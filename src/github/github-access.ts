import { BackspaceError, knownError } from '../errors.ts'
import { type Pause, pause as pauseByClock } from '../time/pause.ts'
import { type AppAccess, createAppAccess, type TokenPermissions } from './app-access.ts'
import { type ContentLimiter, createContentLimiter } from './content-limiter.ts'
import { askGitHub } from './github-call.ts'
import { createGitHubClient, type GitHubClient, type GitHubClientOptions } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'
import { type RepositoryInfo, readRepository } from './repositories.ts'
import { createTokenKeeper, type KeptToken, type TokenKeeper } from './token-keeper.ts'

/** Finds the credential with which Backspace reaches a repository. */
export interface GitHubAccess {
  /** `https://github.com`, or the Enterprise Server's address; no slash at the end. */
  readonly webUrl: string
  /**
   * Tries the App's installation first, then the personal access token.
   *
   * @throws {BackspaceError} `not_installed`, `repository_not_found`, `unauthorized`, `github_unavailable` …
   */
  repository(ref: RepositoryQuery): Promise<RepositoryAccess>
}

interface RepositoryQuery extends RepoRef {
  /** From a webhook, if there was one; saves a request. */
  readonly installationId?: number | undefined
}

/** One repository, and the credential that reaches it. */
export interface RepositoryAccess {
  readonly credential: 'app' | 'pat'
  readonly repository: RepositoryInfo
  /** A client for reads, reactions and comments. Its token never leaves the host. */
  readonly octokit: GitHubClient
  /** Login under which Backspace acts: `backspace[bot]`, or the owner of the token. */
  readonly botLogin: string
  /**
   * A token for this repository only (App), or the personal access token itself. Hold it with `await using`, so that it
   * is revoked whatever happens.
   */
  mintToken(purpose: TokenPurpose, options?: MintOptions): Promise<UsableToken>
}

/** What a token is for. It gets the permissions for that purpose and no others. */
type TokenPurpose = keyof typeof TOKEN_PERMISSIONS

interface MintOptions {
  /** The run that the token is for. */
  readonly runId?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with every token before it is used: the first, and its replacement if GitHub refuses the first. */
  readonly onToken?: ((token: string) => void) | undefined
}

interface UsableToken extends AsyncDisposable {
  readonly token: string
  /** A client that waits up to ten minutes for rate limits, since the work to publish has been paid for already. */
  readonly octokit: GitHubClient
  /** Like `KeptToken.revoke`. Does nothing for a personal access token, which Backspace must not revoke. */
  revoke(): Promise<void>
}

export interface GitHubAccessOptions {
  readonly app?: { readonly id: number; readonly privateKey: string } | undefined
  readonly pat?: string | undefined
  readonly apiUrl: string
  readonly webUrl: string
  /** Default: a new keeper, for tests that do not look at tokens. */
  readonly tokens?: TokenKeeper | undefined
  /** Replaces the waits in tests. */
  readonly pause?: Pause | undefined
  readonly now?: () => Date
}

const TOKEN_PERMISSIONS = {
  read: { contents: 'read' },
  write: { contents: 'write', pull_requests: 'write', issues: 'write' },
  checks: { checks: 'write' },
} as const satisfies Record<string, TokenPermissions>

/** How many milliseconds publishing waits for rate limits. */
const PUBLISH_PATIENCE_MS = 10 * 60_000

export function createGitHubAccess(options: GitHubAccessOptions): GitHubAccess {
  const { app, pat, apiUrl, webUrl, pause, now = () => new Date() } = options
  const clientOptions = { apiUrl, pause }
  const limiterOf = createLimiters(pause)
  const { tokens = createTokenKeeper({ apiUrl, pause, now }) } = options
  const asApp = app ? createAppAccess({ ...clientOptions, app, now, tokens, limiterOf }) : undefined

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
    throw await explainUnreachable(asApp, query, installation?.suspended ?? false)
  }

  /** Tries the installation that the webhook named first. The repository may have moved to another one since. */
  async function throughAnyApp(access: AppAccess, installationId: number, query: RepositoryQuery) {
    try {
      return await throughApp(access, installationId, query)
    } catch (error) {
      if (query.installationId === undefined || knownError(error)?.code !== 'not_installed') throw error
      const current = await access.installationOf(query)
      if (current === undefined || current.suspended || current.id === installationId) throw error
      return throughApp(access, current.id, query)
    }
  }

  async function throughApp(access: AppAccess, installationId: number, query: RepositoryQuery) {
    const octokit = access.hostClient(installationId, query)
    const [info, { login }] = await Promise.all([readRepository(octokit, query), access.identity()])
    async function mintToken(purpose: TokenPurpose, { signal, onToken, runId }: MintOptions = {}) {
      const minted: KeptToken[] = []
      const mint = async () => {
        const permissions = TOKEN_PERMISSIONS[purpose]
        const use = { purpose, reaches: fullName(info), runId }
        const kept = await access.mint({ installationId, repository: { id: info.id }, permissions, use })
        minted.push(kept)
        onToken?.(kept.token)
        return kept.token
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
        auth,
        limiter: limiterOf(installationId),
        patienceMs: PUBLISH_PATIENCE_MS,
        signal,
      })
      // GitHub may accept a token a moment after it refused it, so refused ones are revoked as well.
      async function revoke(): Promise<void> {
        await current.catch(() => undefined)
        await Promise.all(minted.map((kept) => kept.revoke()))
      }
      return { token, octokit: client, revoke, [Symbol.asyncDispose]: revoke }
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
      askGitHub('read the owner of GITHUB_PAT', octokit.rest.users.getAuthenticated()),
    ])
    async function mintToken(_purpose: TokenPurpose, { signal, onToken }: MintOptions = {}) {
      onToken?.(token)
      const patient = tokenClient(token, { patienceMs: PUBLISH_PATIENCE_MS, signal })
      const revoke = async () => {}
      return { token, octokit: patient, revoke, [Symbol.asyncDispose]: revoke }
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
    more: Pick<GitHubClientOptions, 'patienceMs' | 'signal'> = {},
  ): GitHubClient {
    const auth = { kind: 'token', token: async () => token } as const
    return createGitHubClient({ ...clientOptions, auth, limiter: limiterOf('pat'), ...more })
  }

  /** A public repository is visible without credentials, which tells "not installed" from "no such repository". */
  async function explainUnreachable(access: AppAccess | undefined, ref: RepoRef, suspended: boolean) {
    const slug = (await access?.identity())?.slug ?? 'backspace'
    const install = `${webUrl}/apps/${slug}/installations/new`
    const name = fullName(ref)
    if (suspended) {
      return new BackspaceError(
        'not_installed',
        `The installation of the Backspace App on ${name} is suspended. An owner can unsuspend it in the account's settings.`,
      )
    }
    const anonymous = createGitHubClient({ ...clientOptions, auth: { kind: 'anonymous' } })
    const seen = await anonymous.rest.repos.get(inRepository(ref)).then(
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

/** One limiter per installation, kept for the life of the process: there is only one installation per account. */
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
