import { ApiError } from '../api-error.ts'
import type { Account, Actor, TokenRecord } from '../records.ts'
import type { World } from '../world.ts'
import { checkAppJwt, looksLikeJwt } from './app-jwt.ts'
import { isAlive } from './tokens.ts'

/** Who makes a request. `account` is the App's bot for an installation token. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app' }
  | { readonly kind: 'installation' | 'user'; readonly token: TokenRecord; readonly account: Account }

/**
 * Reads the `Authorization` header.
 *
 * @param basic accept `Basic` (git over HTTP); the API takes `Bearer` and `token` only for App tokens.
 * @throws {ApiError} 401 for anything unknown, expired or revoked.
 */
export function readCaller(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined || authorization === '') return { kind: 'anonymous' }
  const token = tokenIn(authorization)
  if (looksLikeJwt(token)) {
    checkAppJwt(world, token)
    return { kind: 'app' }
  }
  const record = world.tokens.get(token)
  if (!record || !isAlive(world, record)) throw new ApiError(401, 'Bad credentials')
  if (record.installation?.suspended) throw new ApiError(403, 'This installation has been suspended')
  return { kind: record.kind, token: record, account: record.account }
}

/** The person or bot on whose behalf a caller acts. @throws {ApiError} 401 for nobody, 403 for the App itself. */
export function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case 'anonymous':
      throw new ApiError(401, 'Requires authentication')
    case 'app':
      throw new ApiError(403, 'Resource not accessible by integration')
    case 'installation':
    case 'user':
      return { account: caller.account, viaApp: caller.kind === 'installation' }
  }
}

/** Notes what a token was used for, in the order of all requests. */
export function noteUse(caller: Caller, use: { order: number; method: string; path: string }): void {
  if (caller.kind === 'installation' || caller.kind === 'user') caller.token.uses.push(use)
}

function tokenIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(/\s+/)
  if (!/^(basic|bearer|token)$/i.test(scheme)) throw new ApiError(401, 'Bad credentials')
  if (scheme.toLowerCase() !== 'basic') return value
  const [user = '', password = ''] = Buffer.from(value, 'base64').toString().split(':')
  return password === '' || password === 'x-oauth-basic' ? user : password
}
