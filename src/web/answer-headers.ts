import type { Context } from 'hono'
import type { Caller, WebEnv } from './web-env.ts'

/** The name beside the log-out button; undefined for a request with a token, which has no login to end. */
export function accountOf({ login, name }: Caller): string | undefined {
  return login === undefined ? undefined : name
}

/** Headers for answers that change over time and depend on the reader and on the `Accept` header. */
export function noStore(c: Context<WebEnv>): void {
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
}
