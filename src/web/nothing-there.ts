import type { Hono } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { WebEnv } from './web-env.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const MOST_OF_PATH = 80

/**
 * The error for a request that no route of `app` answers: `method_not_allowed`, with the methods that the address
 * supports in `facts.allow`, for the `Allow` header; or `not_found`.
 */
export function nothingThere(app: Hono<WebEnv>, { method, path }: { method: string; path: string }) {
  const address = path.length > MOST_OF_PATH ? `${path.slice(0, MOST_OF_PATH).toWellFormed()}…` : path
  const taken = METHODS.filter((one) => takes(app, one, path))
  if (taken.length === 0) {
    const message = `There is nothing at ${method} ${address}. /openapi.json lists every address.`
    return new BackspaceError('not_found', message)
  }
  const message = `${address} takes ${taken.join(' and ')}, not ${method}. /reference says what to send.`
  return new BackspaceError('method_not_allowed', message, { facts: { allow: taken.join(', ') } })
}

/** Leaves out middleware, which answers no requests itself. */
function takes({ router }: Hono<WebEnv>, method: string, path: string): boolean {
  return router.match(method, path)[0].some(([[, route]]) => route.method === method)
}
