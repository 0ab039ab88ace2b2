import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import type { Schema } from '../../db/schema.ts'
import { digestOf } from './token-text.ts'

/** One browser that is logged in. */
export interface Login {
  /** Tells logins apart; it is not a secret and opens nothing. */
  readonly id: string
  /** What the login was opened with: an API token, as `Credentials` names it, or `person:` and the id of a GitHub account. */
  readonly credential: string
  /** GitHub login of the person; null for a token. */
  readonly login: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  /** Last use, to the nearest five minutes. */
  readonly seenAt: Date
}

/** Browsers that are logged in. They are in the database, so that a log-out counts in every process at once. */
export interface LoginStore {
  /** @returns 256 random bits for the cookie; only their hash is stored. */
  open(opened: Pick<Login, 'credential'> & { readonly login?: string | undefined }): Promise<string>
  /** Undefined when the login is closed, expired, unused for too long, or was never open. */
  find(key: string): Promise<Login | undefined>
  /** Notes that the login was used just now; writes every five minutes at most. */
  touch(key: string, login: Login): Promise<void>
  close(key: string): Promise<void>
  /** Ends every login of a credential. */
  closeAll(credential: string): Promise<void>
  /** The open logins of a credential, the most recently used first. */
  list(credential: string): Promise<readonly Login[]>
  /** The people who are logged in, each with the browser that they used last; the most recent first. */
  people(): Promise<readonly Login[]>
  /** Stores the GitHub login that a person has now, after a rename. */
  rename(credential: string, login: string): Promise<void>
}

const HOUR_MS = 3_600_000
/** A login with a token ends after half a day, and the token has to be entered again. */
const TOKEN_MS = 12 * HOUR_MS
/** A person signs in again with one click. They have to, because GitHub may have closed the account meanwhile. */
const PERSON_MS = 14 * 24 * HOUR_MS
const PERSON_IDLE_MS = 3 * 24 * HOUR_MS
const TOUCH_MS = 5 * 60_000
/** Most browsers that may be logged in with one credential; the oldest login ends first. */
const PER_CREDENTIAL = 100
const READ = { forMs: 10_000 } as const

/** The longest that a login lasts, even if it is in use, in milliseconds. */
export function lifetimeOf(credential: string): number {
  return isPerson(credential) ? PERSON_MS : TOKEN_MS
}

export function createLoginStore(db: Database, now: () => Date = () => new Date()): LoginStore {
  async function tidy(credential: string, at: Date): Promise<void> {
    await db.sql.deleteFrom('web_logins').where('expires_at', '<=', at).execute()
    const kept = db.sql
      .selectFrom('web_logins')
      .select('digest')
      .where('credential', '=', credential)
      .orderBy('created_at', 'desc')
      .limit(PER_CREDENTIAL - 1)
    await db.sql
      .deleteFrom('web_logins')
      .where('credential', '=', credential)
      .where('digest', 'not in', kept)
      .execute()
  }

  const isOpen = ({ credential, expiresAt, seenAt }: Login) => {
    const at = now().getTime()
    const idleMs = at - seenAt.getTime()
    return expiresAt.getTime() > at && (!isPerson(credential) || idleMs < PERSON_IDLE_MS)
  }

  return {
    async open({ credential, login }) {
      const at = now()
      await tidy(credential, at)
      const key = randomBytes(32).toString('base64url')
      await db.sql
        .insertInto('web_logins')
        .values({
          digest: digestOf(key),
          credential,
          login: login ?? null,
          created_at: at,
          seen_at: at,
          expires_at: new Date(at.getTime() + lifetimeOf(credential)),
        })
        .execute()
      return key
    },

    async find(key) {
      const query = db.sql.selectFrom('web_logins').selectAll().where('digest', '=', digestOf(key))
      const row = await retryDatabase(() => query.executeTakeFirst(), READ)
      const login = row && toLogin(row)
      return login && isOpen(login) ? login : undefined
    },

    async touch(key, { seenAt }) {
      const at = now()
      if (at.getTime() - seenAt.getTime() < TOUCH_MS) return
      await db.sql
        .updateTable('web_logins')
        .set({ seen_at: at })
        .where('digest', '=', digestOf(key))
        .execute()
    },

    async close(key) {
      await db.sql.deleteFrom('web_logins').where('digest', '=', digestOf(key)).execute()
    },

    async closeAll(credential) {
      await db.sql.deleteFrom('web_logins').where('credential', '=', credential).execute()
    },

    async list(credential) {
      const query = db.sql.selectFrom('web_logins').selectAll().where('credential', '=', credential)
      return lastUsedFirst((await query.execute()).map(toLogin).filter(isOpen))
    },

    async people() {
      const query = db.sql.selectFrom('web_logins').selectAll().where('credential', 'like', 'person:%')
      const logins = lastUsedFirst((await query.execute()).map(toLogin).filter(isOpen))
      const seen = new Set<string>()
      return logins.filter(({ credential }) => !seen.has(credential) && seen.add(credential))
    },

    async rename(credential, login) {
      await db.sql.updateTable('web_logins').set({ login }).where('credential', '=', credential).execute()
    },
  }
}

function lastUsedFirst(logins: readonly Login[]): readonly Login[] {
  return logins.toSorted((one, other) => other.seenAt.getTime() - one.seenAt.getTime())
}

function isPerson(credential: string): boolean {
  return credential.startsWith('person:')
}

function toLogin(row: Selectable<Schema['web_logins']>): Login {
  return {
    id: row.digest,
    credential: row.credential,
    login: row.login,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    seenAt: row.seen_at ?? row.created_at,
  }
}
