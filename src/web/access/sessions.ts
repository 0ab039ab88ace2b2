import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Caller } from '../web-env.ts'

export const SESSION_COOKIE = 'backspace_login'

const LIFE_SECONDS = 12 * 3600

export interface Sessions {
  open(caller: Caller): { readonly value: string; readonly maxAge: number } | undefined
  find(cookie: string | undefined): Caller | undefined
}

/**
 * Logins of browsers, kept nowhere: the cookie holds an expiry signed with the digest of the token that opened it.
 * So every process knows it, it does not reveal the token, and removing the token ends it.
 */
export function createSessions(
  tokens: readonly { readonly name: string; readonly digest: Buffer }[],
  now: () => number = Date.now,
): Sessions {
  return {
    open({ name }) {
      const token = tokens.find((candidate) => candidate.name === name)
      if (!token) return undefined
      const expires = Math.floor(now() / 1000) + LIFE_SECONDS
      return { value: `${expires}.${sign(token.digest, expires).toString('hex')}`, maxAge: LIFE_SECONDS }
    },
    find(cookie) {
      const match = /^(\d{1,12})\.([0-9a-f]{64})$/.exec(cookie ?? '')
      const expires = Number(match?.[1])
      if (!match?.[2] || expires * 1000 <= now()) return undefined
      const signature = Buffer.from(match[2], 'hex')
      const matches = tokens.filter(({ digest }) => timingSafeEqual(sign(digest, expires), signature))
      return matches[0] && { name: matches[0].name }
    },
  }
}

function sign(key: Buffer, expires: number): Buffer {
  return createHmac('sha256', key).update(`backspace login until ${expires}`).digest()
}
