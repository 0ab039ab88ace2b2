import type { GitHubClientOptions } from './github-client.ts'

/** Tokens live an hour; one that is about to end is not handed out. */
const RENEW_BEFORE_MS = 10 * 60_000

export interface TokenSourceOptions {
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
