import { createHash } from 'node:crypto'
import { BackspaceError } from '../errors.ts'
import { type Pause, pause as pauseByClock } from '../time/pause.ts'
import type { GitHubClient } from './github-client.ts'
import { githubFailure, githubStatus, rateLimitWaitMs } from './github-error.ts'

/** A token of one installation. It expires after an hour. */
export interface MintedToken {
  readonly token: string
  readonly expiresAt: Date
}

/** What a token is for. */
export interface TokenUse {
  /** `host`: reads and comments. `reader`: looks for missed comments. The others do one thing for one run. */
  readonly purpose: 'host' | 'reader' | 'read' | 'write' | 'checks'
  /** `owner/name`; or for a token for all repositories of an installation, the number of the installation. */
  readonly reaches: string
  readonly permissions: Readonly<Record<string, string>>
  readonly runId?: string | undefined
}

/** Something that happened to a token. It never contains the token itself. */
export interface TokenEvent {
  readonly type: 'minted' | 'revoked' | 'not_revoked'
  readonly use: TokenUse
  /** SHA-256 of the token in base64, as in GitHub's own audit log. */
  readonly hashedToken: string
  readonly expiresAt: Date
  /** How often Backspace has tried to revoke it so far. */
  readonly tries: number
  /** For `not_revoked`: true when there is no further try, so that the token lives until it expires. */
  readonly final: boolean
  /** For `not_revoked`. */
  readonly error?: unknown
}

/** A token that is revoked when it is disposed of. */
export interface KeptToken extends MintedToken, AsyncDisposable {
  /**
   * Revokes the token. It resolves after the first try and never fails: if GitHub refuses, further tries follow in the
   * background until one succeeds or the token has expired.
   */
  revoke(): Promise<void>
}

/** Takes care of every token that this process mints: whatever its user does, no token outlives the process. */
export interface TokenKeeper {
  /**
   * Mints a token and keeps track of it.
   *
   * @param mint asks GitHub for the token.
   * @throws what `mint` throws; what `report` throws, after the token was revoked; {@link BackspaceError} `unavailable`
   * once the keeper is closed.
   */
  mint(use: TokenUse, mint: () => Promise<MintedToken>): Promise<KeptToken>
  /** Revokes all tokens that are still alive, with one more try each. The caller limits the time. */
  close(): Promise<void>
}

interface TokenKeeperOptions {
  readonly apiUrl: string
  readonly pause?: Pause | undefined
  readonly now?: (() => Date) | undefined
  /** Called with each event. A new token is handed out only after this has resolved. */
  readonly report?: ((event: TokenEvent) => Promise<void>) | undefined
}

interface LiveToken extends MintedToken {
  readonly use: TokenUse
  readonly hashedToken: string
  readonly mintedAt: Date
  tries: number
  /** Set by the first revocation. */
  ending?: { readonly firstTry: Promise<void>; readonly over: Promise<void> }
}

/** Milliseconds between tries; in total longer than a token lives. If GitHub asks for a longer wait, that counts. */
const WAITS_MS = [1_000, 5_000, 15_000, 60_000, 120_000, 300_000, 600_000, 600_000, 600_000, 600_000, 900_000]
/** Enough to send a request again after a server error. Rate limits are waited for in the background. */
const PATIENCE_MS = 2_000
/** Some of GitHub's servers still refuse a token that is younger than this. Later, a refused token is a dead one. */
const KNOWN_EVERYWHERE_MS = 60_000

export function createTokenKeeper(options: TokenKeeperOptions): TokenKeeper {
  const { apiUrl, pause = pauseByClock, now = () => new Date(), report = async () => {} } = options
  const alive = new Set<LiveToken>()
  const minting = new Set<Promise<unknown>>()
  const closing = new AbortController()

  async function keep(use: TokenUse, minted: MintedToken): Promise<KeptToken> {
    const hashedToken = createHash('sha256').update(minted.token).digest('base64')
    const live: LiveToken = { ...minted, use, hashedToken, mintedAt: now(), tries: 0 }
    alive.add(live)
    const revoke = () => endToken(live).firstTry
    try {
      await report(eventOf('minted', live))
      if (closing.signal.aborted) throw new BackspaceError('unavailable', 'Backspace is stopping.')
    } catch (error) {
      await revoke()
      throw error
    }
    return { ...minted, revoke, [Symbol.asyncDispose]: revoke }
  }

  function endToken(live: LiveToken): NonNullable<LiveToken['ending']> {
    if (live.ending) return live.ending
    const firstTry = Promise.withResolvers<void>()
    live.ending = { firstTry: firstTry.promise, over: insist(live, firstTry.resolve) }
    return live.ending
  }

  /** Tries until the token is revoked or has expired. */
  async function insist(live: LiveToken, tried: () => void): Promise<void> {
    for (;;) {
      const isLast = closing.signal.aborted
      const error = await tryOnce(live)
      live.tries += 1
      const waitMs = error === undefined ? undefined : waitAfter(error, live, isLast)
      if (waitMs === undefined) alive.delete(live)
      const event = eventOf(error === undefined ? 'revoked' : 'not_revoked', live)
      // Whether the token is revoked must not depend on whether that can be recorded.
      await report({ ...event, error, final: waitMs === undefined }).catch(() => undefined)
      tried()
      if (waitMs === undefined) return
      await pause(waitMs, closing.signal).catch(() => undefined)
    }
  }

  /** @returns milliseconds until the next try; undefined when there is none. */
  function waitAfter(error: unknown, live: LiveToken, isLast: boolean): number | undefined {
    const planned = WAITS_MS[live.tries - 1]
    if (isLast || planned === undefined) return undefined
    const failure = githubFailure(error)
    const at = now().getTime()
    const waitMs = Math.max(planned, (failure && rateLimitWaitMs(failure, at)) ?? 0)
    return at + waitMs < live.expiresAt.getTime() ? waitMs : undefined
  }

  /** @returns why the revocation failed; undefined when the token is dead. */
  async function tryOnce({ token, mintedAt }: LiveToken): Promise<unknown> {
    try {
      const client = await clientOf(token)
      await client.rest.apps.revokeInstallationAccessToken()
      return undefined
    } catch (error) {
      const isKnown = now().getTime() - mintedAt.getTime() > KNOWN_EVERYWHERE_MS
      return githubStatus(error) === 401 && isKnown ? undefined : error
    }
  }

  async function clientOf(token: string): Promise<GitHubClient> {
    // Loaded with the first token, since a process that mints none does not need it.
    const { createGitHubClient } = await import('./github-client.ts')
    const auth = { kind: 'token', token: async () => token } as const
    return createGitHubClient({ apiUrl, auth, pause, patienceMs: PATIENCE_MS })
  }

  return {
    mint(use, mint) {
      if (closing.signal.aborted) {
        return Promise.reject(new BackspaceError('unavailable', 'Backspace is stopping.'))
      }
      const kept = mint().then((minted) => keep(use, minted))
      const settled = kept.then(
        () => undefined,
        () => undefined,
      )
      minting.add(settled)
      void settled.then(() => minting.delete(settled))
      return kept
    },
    async close() {
      closing.abort()
      await Promise.all(minting)
      await Promise.all([...alive].map((live) => endToken(live).over))
    },
  }
}

function eventOf(type: TokenEvent['type'], { use, hashedToken, expiresAt, tries }: LiveToken): TokenEvent {
  return { type, use, hashedToken, expiresAt, tries, final: type === 'revoked' }
}
