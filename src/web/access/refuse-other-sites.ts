import type { Context } from 'hono'
import { BackspaceError } from '../../errors.ts'
import type { WebEnv } from '../web-env.ts'

/**
 * A cookie or a loopback address identifies the browser, but not the page that made it send the request. A request that
 * changes something must come from one of our own pages, or from a program that is not a browser.
 *
 * @throws {BackspaceError} `forbidden`
 */
export function refuseOtherSites(c: Context<WebEnv>, publicUrl: string): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const site = c.req.header('sec-fetch-site')
  const trusted = site === undefined ? isOwnOrigin(c, publicUrl) : site === 'same-origin' || site === 'none'
  if (!trusted) throw new BackspaceError('forbidden', 'This request was sent by a page of another site.')
}

/** The check for browsers on plain HTTP, which do not send `Sec-Fetch-Site`. Programs other than browsers send no `Origin`. */
function isOwnOrigin(c: Context<WebEnv>, publicUrl: string): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  return [c.req.header('host'), new URL(publicUrl).host].includes(new URL(origin).host)
}

/**
 * Addresses end up in logs, histories and `Referer` headers, so a token in one is compromised.
 *
 * @throws {BackspaceError} `bad_request`
 */
export function refuseTokenInAddress(c: Context<WebEnv>): void {
  const found = ['token', 'access_token', 'api_token', 'api_key', 'apikey', 'key'].find(
    (name) => c.req.query(name) !== undefined,
  )
  if (found) {
    throw new BackspaceError(
      'bad_request',
      `Do not put a token in the address ("${found}"): addresses are logged. Send "Authorization: Bearer <token>", and replace this token.`,
    )
  }
}
