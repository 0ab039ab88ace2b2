import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { WebEnv } from '../web-env.ts'

/** The login of a browser, the sign-in that it began, and the runs that links have shared with it. */
export type OwnCookie = 'backspace_login' | 'backspace_sign_in' | `backspace_share_${string}`

/** Cookies that only this service reads and that no script sees. */
export interface OwnCookies {
  read(c: Context<WebEnv>, name: OwnCookie): string | undefined
  set(c: Context<WebEnv>, cookie: { name: OwnCookie; value: string; maxAgeSeconds: number }): void
  clear(c: Context<WebEnv>, name: OwnCookie): void
  /** The runs that links have shared with this browser, the oldest link first, as browsers send them. */
  sharedRuns(c: Context<WebEnv>): readonly string[]
}

const SHARE = 'backspace_share_'

/**
 * `Lax`: a link on GitHub leads to a page with the login, while requests that other sites send, such as forms and images,
 * come without it. Over https the name begins with `__Host-`, so that no other host of the domain can set the cookie.
 */
export function createOwnCookies(publicUrl: () => string): OwnCookies {
  const isSecure = () => publicUrl().startsWith('https:')
  const options = { path: '/', httpOnly: true, sameSite: 'Lax' } as const
  const all = () =>
    isSecure() ? ({ ...options, secure: true, prefix: 'host' } as const) : { ...options, secure: false }
  return {
    read: (c, name) => (isSecure() ? getCookie(c, name, 'host') : getCookie(c, name)),
    set(c, { name, value, maxAgeSeconds: maxAge }) {
      setCookie(c, name, value, { ...all(), maxAge })
    },
    clear(c, name) {
      deleteCookie(c, name, all())
    },
    sharedRuns(c) {
      const prefix = isSecure() ? `__Host-${SHARE}` : SHARE
      const names = Object.keys(getCookie(c)).filter((name) => name.startsWith(prefix))
      return names.map((name) => name.slice(prefix.length))
    },
  }
}
