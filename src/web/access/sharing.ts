import type { Context } from 'hono'
import { BackspaceError, knownError } from '../../errors.ts'
import { ALL_REPOSITORIES } from '../../runs/repository-scope.ts'
import type { RepositoryTarget } from '../../runs/run.ts'
import type { WebDeps } from '../web-deps.ts'
import type { Caller, WebEnv } from '../web-env.ts'
import { createAttempts, WRONG_LINKS } from './attempts.ts'
import type { Auth } from './auth.ts'
import { createClientAddress } from './client-address.ts'
import { createOwnCookies } from './own-cookies.ts'
import type { Permits } from './permits.ts'
import type { Share } from './share-store.ts'
import { RIGHTS } from './token-store.ts'

/** Links that show one run to people who have no access of their own. */
export interface Sharing {
  /**
   * Finds out who sent a request for a run: a caller who may see it, else the holder of a link to it.
   *
   * @throws as `Auth.identify`.
   */
  identify(c: Context<WebEnv>): Promise<Caller>
  /** `GET /shared/:secret`: stores the link in a cookie of the browser, so that no further address contains the secret. */
  open(c: Context<WebEnv>): Promise<Response>
  /** Whether a caller may still see runs of the repository, or the one run that a link shows them. */
  canStillSee(caller: Caller, repository: RepositoryTarget): Promise<boolean>
}

type SharingDeps = Pick<WebDeps, 'shares' | 'runs' | 'publicUrl' | 'trustedProxies' | 'now'> & {
  readonly auth: Auth
  readonly permits: Permits
}

export function createSharing({ shares, runs, auth, permits, publicUrl, ...deps }: SharingDeps): Sharing {
  const { trustedProxies, now = () => new Date() } = deps
  const cookies = createOwnCookies(publicUrl)
  const addressOf = createClientAddress(trustedProxies)
  const attempts = createAttempts({ ...WRONG_LINKS, now: () => now().getTime() })

  /** A link shows no more than its maker may see, so it ends with the maker's access. */
  async function isAlive({ maker, madeBy }: Share, repository: RepositoryTarget): Promise<boolean> {
    const caller = { name: madeBy, ...maker, repositories: ALL_REPOSITORIES, rights: RIGHTS }
    const isToken = maker.personId === undefined && maker.credential !== 'local'
    if (isToken && !(await auth.stillKnown(caller))) return false
    return permits.canSee(caller, repository)
  }

  /** The secret of a link, from a browser's cookie or from the header of a program. */
  async function findShare(c: Context<WebEnv>): Promise<Share | undefined> {
    const id = c.req.param('id') ?? ''
    if (!/^[\w-]{1,64}$/.test(id)) return undefined
    const sent = /^Bearer +(bss_\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const secret = sent ?? cookies.read(c, `backspace_share_${id}`)
    const share = secret === undefined ? undefined : await shares.find(secret)
    return share?.runId === id ? share : undefined
  }

  /** The caller by their own credential; undefined if they have none that may read here, so that only the link counts. */
  async function identifyOwn(c: Context<WebEnv>, repository: RepositoryTarget): Promise<Caller | undefined> {
    if (/^Bearer +bss_/i.test(c.req.header('authorization') ?? '')) return undefined
    try {
      const caller = await auth.identify(c)
      return caller.rights.includes('read') && (await permits.canSee(caller, repository)) ? caller : undefined
    } catch (error) {
      const code = knownError(error)?.code
      if (code === 'unauthorized' || code === 'forbidden') return undefined
      throw error
    }
  }

  return {
    async identify(c) {
      const share = await findShare(c)
      const repository = share && (await runs.get(share.runId))?.request.repository
      if (!share || !repository) return auth.identify(c)
      const own = await identifyOwn(c, repository)
      if (own) return own
      if (!(await isAlive(share, repository))) return auth.identify(c)
      c.set('isShared', true)
      return holderOf(share)
    },

    async open(c) {
      c.header('Cache-Control', 'no-store')
      c.set('isShared', true)
      const secret = c.req.param('secret') ?? ''
      const share = await shares.find(secret)
      const repository = share && (await runs.get(share.runId))?.request.repository
      if (!share || !repository || !(await isAlive(share, repository))) {
        attempts.count(addressOf(c.env?.incoming))
        throw new BackspaceError(
          'not_found',
          'This link does not work: it has expired, was revoked, or is incomplete. Ask the person who sent it for a new one.',
        )
      }
      const maxAgeSeconds = Math.max(1, Math.floor((share.expiresAt.getTime() - now().getTime()) / 1000))
      const others = cookies.sharedRuns(c).filter((runId) => runId !== share.runId)
      for (const runId of others.slice(0, Math.max(0, others.length - MOST_SHARED + 1)))
        cookies.clear(c, `backspace_share_${runId}`)
      cookies.set(c, { name: `backspace_share_${share.runId}`, value: secret, maxAgeSeconds })
      return c.redirect(`/runs/${encodeURIComponent(share.runId)}`, 303)
    },

    async canStillSee(caller, repository) {
      if (!caller.share) return permits.canSee(caller, repository)
      const share = await shares.get(caller.share.id)
      return share !== undefined && (await isAlive(share, repository))
    },
  }
}

/** Most link cookies in one browser. It sends all of them with each request, and request headers may have 16 KiB. */
const MOST_SHARED = 30

function holderOf({ id, runId, expiresAt }: Share): Caller {
  return {
    name: 'a shared link',
    credential: `share:${id}`,
    repositories: [],
    rights: ['read'],
    share: { id, runId, expiresAt },
  }
}
