import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** A repository in which Backspace looks for comments that GitHub never delivered. Times are GitHub's. */
export interface WatchedRepository {
  readonly id: number
  readonly installationId: number
  readonly owner: string
  readonly name: string
  /** When Backspace first saw the repository; earlier comments are ignored. */
  readonly watchedSince: Date
  /** No comment from before this time is missing. */
  readonly checkedAt: Date
}

export interface WatchedRepositories {
  /**
   * Replaces the repositories of one installation. A new repository counts as checked until `at`; for a known one only
   * the name changes.
   */
  replace(installationId: number, found: FoundRepositories): Promise<void>
  /** Forgets the repositories of every other installation. */
  keepInstallations(installationIds: readonly number[]): Promise<void>
  /** The repositories that were checked longest ago. */
  nextToCheck(most: number): Promise<readonly WatchedRepository[]>
  /** Records a check. @param checkedAt undefined when it failed: the next check then starts where this one did. */
  looked(id: number, checkedAt?: Date): Promise<void>
}

export interface FoundRepositories {
  readonly repositories: readonly { readonly id: number; readonly owner: string; readonly name: string }[]
  readonly at: Date
}

export function createWatchedRepositories(
  db: Database,
  now: () => Date = () => new Date(),
): WatchedRepositories {
  return {
    async replace(installationId, { repositories, at }) {
      const found = JSON.stringify(repositories)
      await sql`
        insert into watched_repositories (id, installation_id, owner, name, watched_since, checked_at)
        select id, ${installationId}::bigint, owner, name, ${at}::timestamptz, ${at}::timestamptz
        from json_to_recordset(${found}::json) as found (id bigint, owner text, name text)
        on conflict (id) do update set
          installation_id = excluded.installation_id, owner = excluded.owner, name = excluded.name
      `.execute(db.sql)
      await sql`
        delete from watched_repositories where installation_id = ${installationId}::bigint
        and id not in (select id from json_to_recordset(${found}::json) as found (id bigint))
      `.execute(db.sql)
    },
    async keepInstallations(installationIds) {
      const kept = JSON.stringify(installationIds)
      await sql`
        delete from watched_repositories
        where installation_id not in (select json_array_elements_text(${kept}::json)::bigint)
      `.execute(db.sql)
    },
    async nextToCheck(most) {
      const rows = await db.sql
        .selectFrom('watched_repositories')
        .selectAll()
        .orderBy(sql`looked_at nulls first`)
        .orderBy('id')
        .limit(most)
        .execute()
      return rows.map((row) => ({
        id: Number(row.id),
        installationId: Number(row.installation_id),
        owner: row.owner,
        name: row.name,
        watchedSince: row.watched_since,
        checkedAt: row.checked_at,
      }))
    },
    async looked(id, checkedAt) {
      await db.sql
        .updateTable('watched_repositories')
        .set({ looked_at: now(), checked_at: checkedAt })
        .where('id', '=', String(id))
        .execute()
    },
  }
}
