import { randomBytes } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import { digestOf } from './token-text.ts'

/** Browsers that are logged in. They are in the database, so that a log-out counts in every process at once. */
export interface LoginStore {
  /**
   * @param credential what it was opened with, as `Credentials` names it.
   * @returns 256 random bits for the cookie; only their hash is stored.
   */
  open(credential: string): Promise<string>
  /** What the login was opened with; undefined when it is closed, expired or was never open. */
  find(key: string): Promise<string | undefined>
  close(key: string): Promise<void>
}

export const LOGIN_SECONDS = 12 * 3600
/** Browsers that may be logged in with one credential; the oldest login ends first. */
const PER_CREDENTIAL = 100
const READ = { forMs: 10_000 } as const

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

  return {
    async open(credential) {
      const at = now()
      await tidy(credential, at)
      const key = randomBytes(32).toString('base64url')
      const expiresAt = new Date(at.getTime() + LOGIN_SECONDS * 1000)
      const login = { digest: digestOf(key), credential, created_at: at, expires_at: expiresAt }
      await db.sql.insertInto('web_logins').values(login).execute()
      return key
    },

    async find(key) {
      const query = db.sql
        .selectFrom('web_logins')
        .select('credential')
        .where('digest', '=', digestOf(key))
        .where('expires_at', '>', now())
      return (await retryDatabase(() => query.executeTakeFirst(), READ))?.credential
    },

    async close(key) {
      await db.sql.deleteFrom('web_logins').where('digest', '=', digestOf(key)).execute()
    },
  }
}
