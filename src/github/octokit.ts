import { BackspaceError } from '../errors.ts'
import { type AppAccess, createAppAccess, type TokenPermissions } from './app-access.ts'
import { askGitHub } from './ask-github.ts'
import { createGitHubClient, type GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { Pause } from './pause.ts'
import type { RepoRef } from './repo-ref.ts'

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
  mintToken(purpose: 'read' | 'write', options?: { readonly signal?: AbortSignal }): Promise<MintedToken>
}

interface RepositoryInfo {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly private: boolean
  readonly archived: boolean
  readonly disabled: boolean
  readonly defaultBranch: string
  readonly htmlUrl: string
  /** False only when GitHub says that this credential may not push; then a fork is used. */
  readonly canPush: boolean
}

interface MintedToken {
  readonly token: string
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
} as const satisfies Record<string, TokenPermissions>

export function createGitHubAccess(options: GitHubAccessOptions): GitHubAccess {
  const { app, pat, apiUrl, webUrl, pause, now = () => new Date() } = options
  const clientOptions = { apiUrl, ...(pause ? { pause } : {}) }
  const asApp = app ? createAppAccess({ ...clientOptions, app, now }) : undefined

  async function repository(query: RepositoryQuery): Promise<RepositoryAccess> {
    if (!asApp && !pat) {
      throw new BackspaceError(
        'unauthorized',
        'Backspace has no GitHub credential. Set APP_ID and PRIVATE_KEY, or GITHUB_PAT.',
      )
    }
    const installation = asApp ? await findInstallation(asApp, query) : undefined
    if (asApp && installation && !installation.suspended) return throughApp(asApp, installation.id, query)
    if (pat) return throughPat(pat, query)
    throw await notReachable(asApp, query, installation?.suspended ?? false)
  }

  async function throughApp(access: AppAccess, installationId: number, query: RepositoryQuery) {
    const octokit = access.hostClient(installationId, query)
    const [info, { login }] = await Promise.all([readRepository(octokit, query), access.identity()])
    async function mintToken(purpose: 'read' | 'write', { signal }: { signal?: AbortSignal } = {}) {
      const { token } = await access.mint({
        installationId,
        repository: { id: info.id },
        permissions: TOKEN_PERMISSIONS[purpose],
      })
      const client = tokenClient(token, signal)
      return { token, octokit: client, revoke: () => revokeToken(tokenClient(token)) }
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
    async function mintToken(_purpose: 'read' | 'write', { signal }: { signal?: AbortSignal } = {}) {
      return { token, octokit: tokenClient(token, signal), revoke: async () => {} }
    }
    return {
      credential: 'pat',
      repository: info,
      octokit,
      botLogin: user.login,
      mintToken,
    } satisfies RepositoryAccess
  }

  function tokenClient(token: string, signal?: AbortSignal): GitHubClient {
    const auth = { kind: 'token', token: async () => token } as const
    return createGitHubClient({ ...clientOptions, auth, ...(signal ? { signal } : {}) })
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

async function findInstallation(access: AppAccess, query: RepositoryQuery) {
  return query.installationId === undefined
    ? access.installationOf(query)
    : { id: query.installationId, suspended: false }
}

/** Follows renames. A name that meanwhile belongs to another repository than the one meant is not found. */
async function readRepository(octokit: GitHubClient, ref: RepoRef): Promise<RepositoryInfo> {
  const name = `${ref.owner}/${ref.name}`
  const request = octokit.rest.repos.get({ owner: ref.owner, repo: ref.name })
  const { data } = await askGitHub(`read ${name}`, request).catch((error: unknown) => {
    if (githubStatus(error) !== 404) throw error
    throw new BackspaceError(
      'repository_not_found',
      `${name} does not exist, or Backspace's credential cannot see it. Check the name and the credential's access.`,
      { cause: error },
    )
  })
  if (ref.id !== undefined && ref.id !== data.id) {
    throw new BackspaceError(
      'repository_not_found',
      `${name} is not the repository that this run was asked for any more: it was renamed or deleted, and the name was used again.`,
    )
  }
  return {
    id: data.id,
    owner: data.owner.login,
    name: data.name,
    private: data.private,
    archived: data.archived,
    disabled: data.disabled,
    defaultBranch: data.default_branch,
    htmlUrl: data.html_url,
    canPush: data.permissions?.push !== false,
  }
}

async function revokeToken(octokit: GitHubClient): Promise<void> {
  // A token that cannot be revoked ends by itself within the hour; the run is not failed for it.
  await octokit.rest.apps.revokeInstallationAccessToken().catch(() => undefined)
}
