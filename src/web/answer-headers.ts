import type { Context } from 'hono'
import type { Caller, WebEnv } from './web-env.ts'

/** Whose login the page may end; a token that was sent with the request has none. */
export function accountOf({ login, name }: Caller): string | undefined {
  return login === undefined ? undefined : name
}

/** For what changes while people look, and depends on who looks and on what they accept. */
export function noStore(c: Context<WebEnv>): void {
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
}
