import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Selectable } from 'kysely'
import { storeAuditEntries } from '../../audit/audit-log.ts'
import type { ShareLinksTable } from '../../db/access-tables.ts'
import type { Database } from '../../db/database.ts'
import { retryDatabase } from '../../db/retry-database.ts'
import { BackspaceError } from '../../errors.ts'
import type { Caller } from '../web-env.ts'
import { callerActor } from './caller-actor.ts'
import { digestOf, isShareText, newShareText } from './token-text.ts'

/** A link that shows one run, without its secret. */
export interface Share {
  readonly id: string
  readonly runId: string
  /** Name of the caller who made it. */
  readonly madeBy: string
  /** The credential of that caller, and the GitHub login behind it. The link works only while they may see the run. */
  readonly maker: Pick<Caller, 'credential' | 'owner' | 'personId'>
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** The links in the database. Every use reads it, so that a revocation takes effect at once in every process. */
export interface ShareStore {
  /**
   * @returns the secret of the link, which is not stored and cannot be read again.
   * @throws {BackspaceError} `conflict` if the run has too many links.
   */
  make(
    runId: string,
    by: { readonly caller: Caller; readonly days: number },
  ): Promise<{ readonly secret: string; readonly share: Share }>
  /** Finds a link by its secret; undefined if it is unknown, has expired or was revoked. */
  find(secret: string): Promise<Share | undefined>
  /** Finds a link by its id; undefined as above. */
  get(id: string): Promise<Share | undefined>
  /** The links of a run that work, oldest first. */
  list(runId: string): Promise<readonly Share[]>
  /** @returns false if the run has no working link with this id. */
  revoke(share: Pick<Share, 'id' | 'runId'>, caller: Caller): Promise<boolean>
}

const DAY_MS = 24 * 3_600_000
/** Most links of one run that work at the same time. */
const PER_RUN = 50
const READ = { forMs: 10_000 } as const

export function createShareStore(db: Database, now: () => Date = () => new Date()): ShareStore {
  const working = () =>
    db.sql
      .selectFrom('share_links')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', now())

  return {
    async make(runId, { caller, days }) {
      if ((await working().where('run_id', '=', runId).execute()).length >= PER_RUN) {
        throw new BackspaceError(
          'conflict',
          `This run has ${PER_RUN} links already. Revoke some of them first.`,
        )
      }
      const secret = newShareText()
      const at = now()
      const row = {
        id: randomBytes(6).toString('hex'),
        run_id: runId,
        digest: digestOf(secret),
        made_by: caller.name,
        credential: caller.credential,
        login: caller.owner ?? null,
        created_at: at,
        expires_at: new Date(at.getTime() + days * DAY_MS),
        revoked_at: null,
      }
      const facts = { share: row.id, expiresAt: row.expires_at.toISOString() }
      await db.sql.transaction().execute(async (tx) => {
        await tx.insertInto('share_links').values(row).execute()
        const entry = { kind: 'share.made', actor: callerActor(caller), runId, facts, at } as const
        await storeAuditEntries(tx, [entry])
      })
      return { secret, share: toShare(row) }
    },

    async find(secret) {
      // The checksum detects an edited or truncated link without asking the database.
      if (!isShareText(secret)) return undefined
      const digest = digestOf(secret)
      const row = await retryDatabase(() => working().where('digest', '=', digest).executeTakeFirst(), READ)
      return row && timingSafeEqual(Buffer.from(row.digest), Buffer.from(digest)) ? toShare(row) : undefined
    },

    async get(id) {
      const row = await retryDatabase(() => working().where('id', '=', id).executeTakeFirst(), READ)
      return row && toShare(row)
    },

    async list(runId) {
      const rows = await working().where('run_id', '=', runId).orderBy('created_at').execute()
      return rows.map(toShare)
    },

    async revoke({ id, runId }, caller) {
      const at = now()
      return db.sql.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('share_links')
          .set({ revoked_at: at })
          .where('id', '=', id)
          .where('run_id', '=', runId)
          .where('revoked_at', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return false
        const facts = { share: id }
        const entry = { kind: 'share.revoked', actor: callerActor(caller), runId, facts, at } as const
        await storeAuditEntries(tx, [entry])
        return true
      })
    },
  }
}

function toShare(row: Selectable<ShareLinksTable>): Share {
  const personId = /^person:(\d+)$/.exec(row.credential)?.[1]
  return {
    id: row.id,
    runId: row.run_id,
    madeBy: row.made_by,
    maker: {
      credential: row.credential,
      owner: row.login ?? undefined,
      personId: personId === undefined ? undefined : Number(personId),
    },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
