import type { GitHubClient, GitHubClientOptions } from './github-client.ts'
import type { KeptToken, MintedToken } from './token-keeper.ts'

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
/** A token that no request has used for this long is revoked; the next request mints another one. */
const IDLE_MS = 45_000
/** Requests that started with a replaced token end within this time. */
const UNDER_WAY_MS = 45_000

interface TokenSourceOptions {
  readonly mint: () => Promise<KeptToken>
  readonly now: () => Date
  readonly idleMs?: number | undefined
}

/**
 * Authenticates a client with one token until shortly before that expires, then mints the next one. A token is revoked
 * when it is replaced or no longer used, so that none outlives its run by more than a minute.
 */
export function createTokenSource({
  mint,
  now,
  idleMs = IDLE_MS,
}: TokenSourceOptions): Extract<GitHubClientOptions['auth'], { kind: 'token' }> {
  let current: Promise<KeptToken> | undefined
  let idle: NodeJS.Timeout | undefined

  async function token(): Promise<string> {
    clearTimeout(idle)
    const held = current
    const ready = await held?.catch(() => undefined)
    if (ready && ready.expiresAt.getTime() - now().getTime() > RENEW_BEFORE_MS) return used(ready)
    // Several requests may wait for the same token: the first to get here mints, the others find its promise.
    if (current === held || !current) {
      retire(held)
      current = mint()
    }
    return used(await current)
  }

  function used(kept: KeptToken): string {
    clearTimeout(idle)
    idle = setTimeout(() => {
      renew()
      void kept.revoke()
    }, idleMs).unref()
    return kept.token
  }

  function renew(): void {
    retire(current)
    current = undefined
  }

  return { kind: 'token', token, renew }
}

function retire(replaced: Promise<KeptToken> | undefined): void {
  replaced?.then(
    (kept) => void setTimeout(() => void kept.revoke(), UNDER_WAY_MS).unref(),
    () => {
      // The token was never minted.
    },
  )
}
