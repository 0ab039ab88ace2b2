import type { Kysely } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import type { Run, RunStatus } from '../run.ts'
import { RUN_COLUMNS, repositoryKey, toRun } from './run-row.ts'

export interface ListRuns {
  readonly limit: number
  /** Only runs older than the run with this id: the last one of the page before. */
  readonly before?: string
  readonly repository?: { readonly owner: string; readonly name: string }
  readonly status?: RunStatus
}

/** Newest first. */
export async function listRuns(
  db: Kysely<Schema>,
  { limit, before, repository, status }: ListRuns,
): Promise<readonly Run[]> {
  let query = db.selectFrom('runs').select(RUN_COLUMNS).orderBy('ordinal', 'desc').limit(limit)
  if (repository !== undefined) query = query.where('repository', '=', repositoryKey(repository))
  if (status !== undefined) query = query.where('status', '=', status)
  if (before !== undefined) {
    query = query.where('ordinal', '<', (eb) =>
      eb.selectFrom('runs').select('ordinal').where('id', '=', before),
    )
  }
  return (await query.execute()).map(toRun)
}
