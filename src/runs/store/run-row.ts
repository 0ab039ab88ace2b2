import type { Selectable } from 'kysely'
import type { RunsTable } from '../../db/schema.ts'
import type { RepositoryTarget, Run, RunProgress, RunRequest, RunResult, RunStatus } from '../run.ts'

/** The columns that a Run is made of. */
export const RUN_COLUMNS = [
  'id',
  'status',
  'request',
  'attempt',
  'budget_usd',
  'created_at',
  'started_at',
  'finished_at',
  'result',
  'progress',
] as const satisfies readonly (keyof RunsTable)[]

type RunRow = Pick<Selectable<RunsTable>, (typeof RUN_COLUMNS)[number]>

/** The casts hold because `submitRun` and `RunStore` are the only writers of these columns. */
export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    status: row.status as RunStatus,
    request: row.request as RunRequest,
    attempt: row.attempt,
    budgetUsd: row.budget_usd,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    result: row.result as RunResult | null,
    progress: row.progress as RunProgress,
  }
}

/** GitHub's names do not distinguish case. */
export function repositoryKey(repository: { readonly owner: string; readonly name: string }): string {
  return `${repository.owner}/${repository.name}`.toLowerCase()
}

/** Issues and pull requests share one numbering. The numeric id, where known, survives renames. */
export function threadKey(repository: RepositoryTarget, number: number): string {
  return `${repository.id ?? repositoryKey(repository)}#${number}`
}
