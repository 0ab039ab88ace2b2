import { timingSafeEqual } from 'node:crypto'
import { BackspaceError } from '../../errors.ts'
import { ALL_REPOSITORIES } from '../../runs/repository-scope.ts'
import type { Caller } from '../web-env.ts'
import { RIGHTS, type StoredToken, type TokenStore } from './token-store.ts'
import { digestOf, isTokenText } from './token-text.ts'

/** A token of API_TOKENS. */
export interface ApiToken {
  readonly name: string
  readonly token: string
}

/** The caller that a token identifies, and the hash of the token. */
export interface Credential {
  readonly caller: Caller
  /** SHA-256 of the token, in hexadecimal. */
  readonly digest: string
}

/** Every token that opens this service: those of API_TOKENS, and those in the database. */
export interface Credentials {
  /**
   * @returns undefined for a text that is not a token of this service.
   * @throws {BackspaceError} `unauthorized` for a token that has expired or was revoked. Only the owner has the token's
   * text, so telling the reason helps no one else.
   */
  findByText(text: string): Promise<Credential | undefined>
  /** Finds a credential by `Caller.credential`; undefined if it no longer works. */
  findByName(credential: string): Promise<Credential | undefined>
  /** False as long as no token was ever made. */
  any(): Promise<boolean>
}

export function createCredentials({
  apiTokens,
  tokens,
  now = () => new Date(),
}: {
  readonly apiTokens: readonly ApiToken[]
  readonly tokens: TokenStore
  readonly now?: (() => Date) | undefined
}): Credentials {
  const settings = apiTokens.map(fromSetting)
  let stored = false

  return {
    async findByText(text) {
      const digest = digestOf(text)
      // Compares every digest even after a match, so that the time reveals nothing about the list.
      const [setting] = settings.filter((candidate) => isEqual(candidate.digest, digest))
      if (setting) return setting
      if (!isTokenText(text)) return undefined
      const token = await tokens.findByDigest(digest)
      if (!token || !isEqual(token.digest, digest)) return undefined
      const problem = problemOf(token, now())
      if (problem !== undefined) throw new BackspaceError('unauthorized', problem)
      // The time of last use is only a note for the operator, so failing to store it does not refuse the caller.
      await tokens.touch(token).catch(() => undefined)
      return fromStored(token)
    },

    async findByName(credential) {
      const setting = settings.find(({ caller }) => caller.credential === credential)
      if (setting) return setting
      const id = /^token:(.+)$/.exec(credential)?.[1]
      const token = id === undefined ? undefined : await tokens.findById(id)
      return token && problemOf(token, now()) === undefined ? fromStored(token) : undefined
    },

    async any() {
      // Rows are never deleted, so this need not be asked again.
      stored ||= settings.length === 0 && (await tokens.any())
      return settings.length > 0 || stored
    },
  }
}

/** Tokens of API_TOKENS have every right on every repository. */
function fromSetting({ name, token }: ApiToken): Credential {
  const caller = {
    name,
    credential: `setting:${name}`,
    repositories: ALL_REPOSITORIES,
    rights: RIGHTS,
  }
  return { caller, digest: digestOf(token) }
}

function fromStored(token: StoredToken): Credential {
  const { name, id, repositories, rights, owner, runsPerHour, digest } = token
  const caller = {
    name,
    credential: `token:${id}`,
    repositories,
    rights,
    owner: owner ?? undefined,
    runsPerHour: runsPerHour ?? undefined,
  }
  return { caller, digest }
}

/** Why a token no longer works; undefined while it does. */
export function problemOf(
  { name, revokedAt, expiresAt }: Pick<StoredToken, 'name' | 'revokedAt' | 'expiresAt'>,
  at: Date,
): string | undefined {
  const day = (date: Date) => date.toISOString().slice(0, 10)
  const advice = 'Ask the operator for a new one.'
  if (revokedAt !== null) return `The API token ${name} was revoked on ${day(revokedAt)}. ${advice}`
  if (expiresAt !== null && expiresAt <= at)
    return `The API token ${name} expired on ${day(expiresAt)}. ${advice}`
  return undefined
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
