import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { AuditEntry } from '../../audit/audit-entry.ts'
import { storeAuditEntries } from '../../audit/audit-log.ts'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import type { RepositoryScope } from '../../runs/repository-scope.ts'
import { digestOf, newTokenText } from './token-text.ts'

/** The rights of a token. `start` includes changing a run, and `metrics` covers the metrics of the whole service. */
export const RIGHTS = ['start', 'read', 'metrics'] as const
export type Right = (typeof RIGHTS)[number]

/** An API token that an operator made, without the secret. */
export interface StoredToken {
  readonly id: string
  /** Name of the token, which is the requester of its runs. */
  readonly name: string
  /** GitHub login of the person who uses it: the token then allows no more than GitHub allows that person. */
  readonly owner: string | null
  /** SHA-256 of the token, in hexadecimal. */
  readonly digest: string
  readonly repositories: RepositoryScope
  readonly rights: readonly Right[]
  /** Runs per hour; null for the limit that every caller has. */
  readonly runsPerHour: number | null
  readonly createdAt: Date
  /** When the token expires; null for never. */
  readonly expiresAt: Date | null
  /** Last use, to the minute; null before the first use. */
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

export type NewToken = Pick<
  StoredToken,
  'name' | 'owner' | 'repositories' | 'rights' | 'runsPerHour' | 'expiresAt'
>

/** The API tokens in the database. Every request reads it, so that a change takes effect at once in every process. */
export interface TokenStore {
  /**
   * @returns the token's text, which is not stored and cannot be read again.
   * @throws {BackspaceError} `conflict` when a token that is not revoked has the name.
   */
  create(token: NewToken): Promise<{ readonly text: string; readonly token: StoredToken }>
  /** All tokens, oldest first, expired and revoked ones included. */
  list(): Promise<readonly StoredToken[]>
  /**
   * Ends a token for good.
   *
   * @param which its name or its id.
   * @throws {BackspaceError} `not_found` if no unrevoked token has it.
   */
  revoke(which: string): Promise<StoredToken>
  findByDigest(digest: string): Promise<StoredToken | undefined>
  findById(id: string): Promise<StoredToken | undefined>
  /** Whether a token was ever made. From then on, every caller needs one. */
  any(): Promise<boolean>
  /** Notes that the token was used; writes once a minute at most. */
  touch(token: StoredToken): Promise<void>
}

const MINUTE_MS = 60_000
/** How long a query waits for a database that is away, in milliseconds; the same as for the run itself. */
const READ = { forMs: 10_000 } as const

export function createTokenStore(db: Database, now: () => Date = () => new Date()): TokenStore {
  const find = async (column: 'digest' | 'id', value: string) => {
    const query = db.sql.selectFrom('api_tokens').selectAll().where(column, '=', value)
    const row = await retryDatabase(() => query.executeTakeFirst(), READ)
    return row && toToken(row)
  }
  return {
    async create(token) {
      const text = newTokenText()
      const row = await db.sql.transaction().execute(async (tx) => {
        const made = await tx
          .insertInto('api_tokens')
          .values({
            id: randomBytes(6).toString('hex'),
            name: token.name,
            owner: token.owner,
            digest: digestOf(text),
            repositories: JSON.stringify(token.repositories),
            rights: JSON.stringify(token.rights),
            runs_per_hour: token.runsPerHour,
            created_at: now(),
            expires_at: token.expiresAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst()
        if (made) await storeAuditEntries(tx, [{ ...createdEntry(token), at: made.created_at }])
        return made
      })
      if (row === undefined) {
        throw new BackspaceError(
          'conflict',
          `There is an API token named ${token.name} already. Choose another name, or revoke that one first.`,
        )
      }
      return { text, token: toToken(row) }
    },

    async list() {
      const rows = await db.sql.selectFrom('api_tokens').selectAll().orderBy('created_at').execute()
      return rows.map(toToken)
    },

    async revoke(which) {
      const at = now()
      const row = await db.sql.transaction().execute(async (tx) => {
        const ended = await tx
          .updateTable('api_tokens')
          .set({ revoked_at: at })
          .where((token) => token.or([token('id', '=', which), token('name', '=', which)]))
          .where('revoked_at', 'is', null)
          .returningAll()
          .executeTakeFirst()
        const fact = ended && ({ kind: 'api_token.revoked', facts: { name: ended.name } } as const)
        if (fact) await storeAuditEntries(tx, [{ ...fact, actor: 'operator', at }])
        return ended
      })
      if (row) return toToken(row)
      throw new BackspaceError(
        'not_found',
        `No API token that works has the name or id ${JSON.stringify(which)}. \`npm run token -- list\` shows them all.`,
      )
    },

    findByDigest: (digest) => find('digest', digest),
    findById: (id) => find('id', id),

    async any() {
      const query = db.sql.selectFrom('api_tokens').select('id').limit(1)
      return (await retryDatabase(() => query.executeTakeFirst(), READ)) !== undefined
    },

    async touch({ id, lastUsedAt }) {
      const at = now()
      if (lastUsedAt !== null && at.getTime() - lastUsedAt.getTime() < MINUTE_MS) return
      await db.sql.updateTable('api_tokens').set({ last_used_at: at }).where('id', '=', id).execute()
    },
  }
}

/** Only the operator can make tokens: through a command on the service's machine. */
function createdEntry({ name, owner, repositories, rights, expiresAt }: NewToken): AuditEntry {
  const facts = {
    name,
    owner: owner ?? undefined,
    repositories: [...repositories],
    rights: [...rights],
    expiresAt: expiresAt?.toISOString() ?? null,
  }
  return { kind: 'api_token.created', actor: 'operator', facts }
}

const patterns = z.array(z.string())
const rights = z.array(z.enum(RIGHTS))

/** A row that names a right or a pattern that this version does not know allows nothing. */
function toToken(row: Selectable<Schema['api_tokens']>): StoredToken {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    digest: row.digest,
    repositories: patterns.safeParse(row.repositories).data ?? [],
    rights: rights.safeParse(row.rights).data ?? [],
    runsPerHour: row.runs_per_hour,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  }
}
