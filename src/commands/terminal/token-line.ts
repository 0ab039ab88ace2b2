import { counted } from '../../text/amounts.ts'
import { problemOf } from '../../web/access/credentials.ts'
import type { StoredToken } from '../../web/access/token-store.ts'

/** An API token in two lines: what it allows, and whether it works. */
export function describeToken(token: StoredToken, now: Date): string {
  const { id, name, owner, repositories, rights, runsPerHour, expiresAt, lastUsedAt, createdAt } = token
  const rate = runsPerHour === null ? '' : `, up to ${counted(runsPerHour, 'run')} per hour`
  const person = owner === null ? '' : `, as ${owner}`
  const state =
    problemOf(token, now) === undefined
      ? expiresAt === null
        ? 'never expires'
        : `expires on ${day(expiresAt)}`
      : token.revokedAt === null
        ? 'has expired'
        : `was revoked on ${day(token.revokedAt)}`
  const used = lastUsedAt === null ? 'never used' : `last used on ${day(lastUsedAt)}`
  return `${name} (${id}): ${rights.join(', ')} on ${repositories.join(', ')}${person}${rate}
  made on ${day(createdAt)}, ${state}, ${used}`
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
