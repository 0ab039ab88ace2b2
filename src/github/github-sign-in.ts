import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { type Pause, pause as pauseByClock, retry } from '../time/pause.ts'
import { askGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'

/** A person who proved to GitHub who they are. */
export interface GitHubPerson {
  /** Number of the account, which stays the same when the login changes. */
  readonly id: number
  readonly login: string
}

/**
 * The web flow of a GitHub App:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
 */
export interface GitHubSignIn {
  /**
   * Address of the page on which GitHub asks the person. It requests no scopes, since Backspace only needs to know who
   * they are.
   */
  authorizeUrl(request: {
    readonly state: string
    /** PKCE code challenge, method S256. */
    readonly challenge: string
    readonly redirectUri: string
  }): string
  /**
   * Exchanges the code for the person. GitHub gives a token for the code; it is used to ask for the person's account,
   * and then revoked.
   *
   * @throws {BackspaceError} `unauthorized` for a code that was used, is too old or belongs to another flow;
   * `not_permitted` for a suspended account; `config_invalid` when GitHub refuses the App's secret;
   * `github_unavailable` …
   */
  whoIs(answer: {
    readonly code: string
    readonly verifier: string
    readonly redirectUri: string
  }): Promise<GitHubPerson>
}

interface SignInOptions {
  readonly clientId: string
  readonly clientSecret: string
  readonly apiUrl: string
  readonly webUrl: string
  /** Called when a person's token could not be revoked. */
  readonly onError: (error: unknown) => void
  readonly pause?: Pause | undefined
}

/** Short, because a person is waiting. */
const PATIENCE = { patienceMs: 3_000, timeoutMs: 10_000 }
const REVOKE_WAITS_MS = [1_000, 10_000, 60_000, 300_000]

const tokenAnswer = z.union([
  z.object({ access_token: z.string().min(1) }),
  z.object({ error: z.string(), error_description: z.string().optional() }),
])
const account = z.object({
  id: z.number().int().positive(),
  login: z.string().regex(/^[\w-]{1,100}$/),
  type: z.string(),
  /** Only an Enterprise Server sends this; github.com lets no suspended account sign in. */
  suspended_at: z.string().nullish(),
})

export function createGitHubSignIn(options: SignInOptions): GitHubSignIn {
  const { clientId, clientSecret, apiUrl, webUrl, onError, pause = pauseByClock } = options

  /** Loads Octokit at the first sign-in, since a service that only listens does not need it. */
  async function clientOf(token: string | undefined): Promise<GitHubClient> {
    const { createGitHubClient } = await import('./github-client.ts')
    const auth =
      token === undefined
        ? ({ kind: 'anonymous' } as const)
        : ({ kind: 'token', token: async () => token } as const)
    return createGitHubClient({ apiUrl, auth, pause, ...PATIENCE })
  }

  /** Exchanges the code for a token. GitHub answers 200 even when it refuses. */
  async function exchange(answer: Parameters<GitHubSignIn['whoIs']>[0]): Promise<string> {
    const client = await clientOf(undefined)
    const { data } = await askGitHub(
      'ask GitHub who signed in',
      client.request('POST /login/oauth/access_token', {
        baseUrl: webUrl,
        headers: { accept: 'application/json' },
        client_id: clientId,
        client_secret: clientSecret,
        code: answer.code,
        code_verifier: answer.verifier,
        redirect_uri: answer.redirectUri,
      }),
    )
    const parsed = tokenAnswer.safeParse(data)
    if (!parsed.success) throw refusal('an unknown answer')
    if ('error' in parsed.data) throw refusal(parsed.data.error)
    return parsed.data.access_token
  }

  async function readAccount(token: string): Promise<GitHubPerson> {
    const person = await clientOf(token)
    const { data } = await askGitHub('ask GitHub who signed in', person.rest.users.getAuthenticated())
    const found = account.safeParse(data)
    if (!found.success || found.data.type !== 'User') {
      throw new BackspaceError(
        'not_permitted',
        'GitHub signed in an account that does not belong to a person.',
      )
    }
    if (found.data.suspended_at) {
      throw new BackspaceError(
        'not_permitted',
        'GitHub says that this account is suspended. Ask an administrator of GitHub to unsuspend it.',
      )
    }
    return { id: found.data.id, login: found.data.login }
  }

  /** Revokes the token, which nothing needs any more: it could read whatever both the App and the person can read. */
  async function revoke(token: string): Promise<void> {
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
    const client = await clientOf(undefined)
    const request = () =>
      client.request('DELETE /applications/{client_id}/token', {
        client_id: clientId,
        access_token: token,
        headers: { authorization: `basic ${basic}` },
      })
    // GitHub answers 404 or 422 if it no longer knows the token.
    const mayPass = (error: unknown) => ![404, 422].includes(githubStatus(error) ?? 0)
    await retry(request, { waitsMs: REVOKE_WAITS_MS, mayPass, pause }).catch((error: unknown) => {
      if (mayPass(error)) onError(error)
    })
  }

  return {
    authorizeUrl({ state, challenge, redirectUri }) {
      const url = new URL(`${webUrl}/login/oauth/authorize`)
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      }).toString()
      return url.href
    },

    async whoIs(answer) {
      const token = await exchange(answer)
      try {
        return await readAccount(token)
      } finally {
        void revoke(token)
      }
    },
  }
}

/** https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors */
function refusal(error: string): BackspaceError {
  const facts = { error: error.slice(0, 100) }
  switch (error) {
    case 'bad_verification_code':
      return new BackspaceError(
        'unauthorized',
        'This sign-in was used already, or took longer than ten minutes. Sign in again.',
        { facts },
      )
    case 'incorrect_client_credentials':
      return new BackspaceError(
        'config_invalid',
        'GitHub refused the App’s own secret. The operator must check GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.',
        { facts },
      )
    case 'redirect_uri_mismatch':
      return new BackspaceError(
        'config_invalid',
        'GitHub does not know this service’s address as a callback of the App. The operator must add PUBLIC_URL/auth/github/callback to the App’s settings.',
        { facts },
      )
    case 'unverified_user_email':
      return new BackspaceError(
        'unauthorized',
        'GitHub signs in only accounts with a verified email address. Verify yours in GitHub’s settings, and sign in again.',
        { facts },
      )
    default:
      return new BackspaceError('unauthorized', 'GitHub did not accept this sign-in. Sign in again.', {
        facts,
      })
  }
}
