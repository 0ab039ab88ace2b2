import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { World } from '../world.ts'

const Claims = z.object({ iat: z.number(), exp: z.number(), iss: z.union([z.string(), z.number()]) })

/** Does this bearer value look like a JSON web token of an App? */
export function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.split('.').length === 3
}

/**
 * Checks an App's JSON web token as GitHub does: RS256 signature, `iat` not in the future, `exp` not past and at
 * most ten minutes ahead, `iss` the App's id or client id.
 *
 * @throws {ApiError} 401 or 404 with the words that Octokit looks for.
 */
export function checkAppJwt(world: World, token: string): void {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const key = createPublicKey(world.app.publicKey)
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, 'base64url'),
  )
  const claims = Claims.safeParse(decode(payload))
  if (!signed || decode(header)?.alg !== 'RS256' || !claims.success) {
    throw new ApiError(401, 'A JSON web token could not be decoded')
  }
  const now = world.now() / 1000
  const { iat, exp, iss } = claims.data
  if (iat > now + 5) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  }
  if (exp <= now) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  }
  if (exp > now + 605) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
  }
  if (String(iss) !== String(world.app.id) && iss !== world.app.clientId) {
    throw new ApiError(404, 'Integration not found')
  }
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(part, 'base64url').toString()))
  } catch {
    return undefined
  }
}
