import type { GitHubClient, GitHubClientOptions } from './github-client.ts'

/** A token of one installation; it lives an hour. */
export interface MintedToken {
  readonly token: string
  readonly expiresAt: Date
}

type MintParameters = NonNullable<
  Parameters<GitHubClient['rest']['apps']['createInstallationAccessToken']>[0]
>

/** @param octokit a client of the App itself. */
export async function mintInstallationToken(
  octokit: GitHubClient,
  parameters: MintParameters,
): Promise<MintedToken> {
  const { data } = await octokit.rest.apps.createInstallationAccessToken(parameters)
  return { token: data.token, expiresAt: new Date(data.expires_at) }
}

/** A token that expires sooner than this is not handed out. */
const RENEW_BEFORE_MS = 10 * 60_000

interface TokenSourceOptions {
  readonly mint: () => Promise<MintedToken>
  readonly now: () => Date
}

/** Authenticates a client with one token until shortly before it expires, then mints the next one. */
export function createTokenSource({
  mint,
  now,
}: TokenSourceOptions): Extract<GitHubClientOptions['auth'], { kind: 'token' }> {
  let current: Promise<MintedToken> | undefined
  async function token(): Promise<string> {
    const held = current
    const ready = await held?.catch(() => undefined)
    if (ready && ready.expiresAt.getTime() - now().getTime() > RENEW_BEFORE_MS) return ready.token
    // Several requests may wait for the same token: the first to get here mints, the others find its promise.
    if (current === held || !current) current = mint()
    return (await current).token
  }
  function renew(): void {
    current = undefined
  }
  return { kind: 'token', token, renew }
}
