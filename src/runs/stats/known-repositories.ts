import type { Database } from '../../db/database.ts'
import type { RepositoryTarget } from '../run.ts'

/** A repository that a run was asked for, by the name of that time. */
export interface KnownRepository extends RepositoryTarget {
  /** By which runs and statistics name it; never shown. */
  readonly ref: number
}

/** Repositories of the newest runs that a person's lists and statistics are made of: GitHub is asked about each of them. */
export const MOST_REPOSITORIES = 500
/** Rows, for callers about whom GitHub need not be asked. */
const MOST_ROWS = 5_000

/** Those of the newest runs first. */
export async function listRepositories(db: Database): Promise<readonly KnownRepository[]> {
  const rows = await db.sql
    .selectFrom('run_repositories')
    .select(['ref', 'name', 'github_id'])
    .orderBy('requested_at', 'desc')
    .limit(MOST_ROWS)
    .execute()
  return rows.map((row) => {
    const [owner = '', name = ''] = row.name.split('/')
    const id = Number(row.github_id)
    return { ref: row.ref, owner, name, id: id === 0 ? undefined : id }
  })
}
