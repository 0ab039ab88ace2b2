import { coversAll } from '../runs/repository-scope.ts'
import type { Run } from '../runs/run.ts'
import type { ListRuns } from '../runs/store/run-rows.ts'
import type { Permits } from './access/permits.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller } from './web-env.ts'

/** Runs per query, and queries per list, when GitHub must be asked about each repository. */
const BATCH = 100
const BATCHES = 20

/**
 * The runs that a caller may see, newest first. For a person, what GitHub hides from them is passed over, so that neither
 * the length of a page nor `before` shows that it exists.
 */
export async function listVisible(
  caller: Caller,
  {
    runs,
    permits,
    query,
  }: {
    readonly runs: WebDeps['runs']
    readonly permits: Permits
    readonly query: Omit<ListRuns, 'scope'>
  },
): Promise<readonly Run[]> {
  const scope = coversAll(caller.repositories) ? undefined : caller.repositories
  if (caller.owner === undefined || permits.isOperator(caller)) return runs.list({ ...query, scope })
  const seen: Run[] = []
  let { before } = query
  if (before !== undefined && !(await isVisible(await runs.get(before)))) return []
  for (let count = 0; count < BATCHES && seen.length < query.limit; count++) {
    const batch = await runs.list({ ...query, before, limit: BATCH, scope })
    const visible = await Promise.all(batch.map(isVisible))
    seen.push(...batch.filter((_, index) => visible[index]))
    if (batch.length < BATCH) break
    before = batch.at(-1)?.id
  }
  return seen.slice(0, query.limit)

  async function isVisible(run: Run | undefined): Promise<boolean> {
    return run !== undefined && permits.canSee(caller, run.request.repository)
  }
}
