import type { Database } from '../../db/database.ts'
import type { RepositoryTarget } from '../run.ts'

/** A repository that a run was requested for, under the name it had then. */
export interface KnownRepository extends RepositoryTarget {
  /** The number by which runs and statistics refer to the repository; never shown. */
  readonly ref: number
}

/**
 * Lists and statistics of a person cover the repositories of the newest runs, at most this many, because GitHub is
 * asked about each of them.
 */
export const MOST_REPOSITORIES = 500
/** Most rows for callers about whom GitHub need not be asked. */
const MOST_ROWS = 5_000

/** The known repositories, those of the newest runs first. */
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
