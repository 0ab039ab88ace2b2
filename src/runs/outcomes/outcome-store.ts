import { type Selectable, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { PullRequestOutcomesTable } from '../../db/statistics-tables.ts'
import { repositoryKey } from '../store/run-rows.ts'

/** A pull request that a run opened, and what is known about how it ended. */
export interface OpenedPullRequest {
  readonly ref: number
  readonly number: number
  readonly repository: { readonly owner: string; readonly name: string; readonly id: number | undefined }
  readonly openedAt: Date
  /** The commit that the pull request was opened with; null if that is not known. */
  readonly openedSha: string | null
  readonly state: 'open' | 'merged' | 'closed' | 'unknown'
  readonly base: string | null
  /** When the pull request was merged or closed. */
  readonly endedAt: Date | null
  readonly mergeSha: string | null
  readonly headSha: string | null
  /**
   * Whether the pull request had other commits than `openedSha` when it was merged; null unless it is merged, or if
   * nothing shows it.
   */
  readonly reworked: boolean | null
  readonly revertedAt: Date | null
}

/** What Backspace found when it asked GitHub about a pull request. */
export interface OutcomeFound
  extends Pick<
    OpenedPullRequest,
    'state' | 'base' | 'endedAt' | 'mergeSha' | 'headSha' | 'reworked' | 'revertedAt'
  > {
  /** When to ask again; null when nothing can change any more. */
  readonly lookAt: Date | null
}

/** The pull requests that runs opened. A row is added when a run ends. */
export interface OutcomeStore {
  /** The pull request with this number in a repository; undefined unless a run opened it. */
  find(pull: {
    readonly repositoryId: number
    readonly number: number
  }): Promise<OpenedPullRequest | undefined>
  /** Whether a run has opened a pull request in this repository, which GitHub's id identifies even after a rename. */
  hasOpened(repository: {
    readonly owner: string
    readonly name: string
    readonly id: number
  }): Promise<boolean>
  /** The pull requests of a repository that were merged last, in which a revert is looked for. */
  merged(repositoryId: number): Promise<readonly OpenedPullRequest[]>
  /** The pull requests to ask GitHub about now, the most urgent first. */
  due(most: number): Promise<readonly OpenedPullRequest[]>
  save(pull: OpenedPullRequest, found: OutcomeFound): Promise<void>
  /** Stores when the pull request was first reverted. */
  markReverted(pull: OpenedPullRequest, at: Date): Promise<void>
  /** Asks GitHub about the pull request again after `ms` milliseconds. */
  postpone(pull: OpenedPullRequest, ms: number): Promise<void>
}

/** How many merged pull requests of one repository a revert is compared with. */
const MOST_MERGED = 500

export function createOutcomeStore(db: Database, now: () => Date = () => new Date()): OutcomeStore {
  const select = () =>
    db.sql
      .selectFrom('pull_request_outcomes as pull')
      .innerJoin('run_repositories as repository', 'repository.ref', 'pull.ref')
      .selectAll('pull')
      .select(['repository.name', 'repository.github_id'])
  const update = ({ ref, number }: OpenedPullRequest) =>
    db.sql.updateTable('pull_request_outcomes').where('ref', '=', ref).where('number', '=', number)

  return {
    async find({ repositoryId, number }) {
      const row = await select()
        .where('repository.github_id', '=', String(repositoryId))
        .where('pull.number', '=', number)
        .orderBy('pull.opened_at', 'desc')
        .executeTakeFirst()
      return row && toPullRequest(row)
    },

    async hasOpened({ owner, name, id }) {
      const row = await select()
        .where((repository) =>
          repository.or([
            repository('repository.github_id', '=', String(id)),
            repository('repository.repository', '=', repositoryKey({ owner, name })),
          ]),
        )
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },

    async merged(repositoryId) {
      const rows = await select()
        .where('repository.github_id', '=', String(repositoryId))
        .where('pull.state', '=', 'merged')
        .where('pull.reverted_at', 'is', null)
        .orderBy('pull.ended_at', 'desc')
        .limit(MOST_MERGED)
        .execute()
      return rows.map(toPullRequest)
    },

    async due(most) {
      const rows = await select()
        .where('pull.look_at', '<=', now())
        .orderBy('pull.look_at')
        .limit(most)
        .execute()
      return rows.map(toPullRequest)
    },

    async save(pull, { state, base, endedAt, mergeSha, headSha, reworked, revertedAt, lookAt }) {
      await update(pull)
        .set({
          state,
          base,
          ended_at: endedAt,
          merge_sha: mergeSha,
          head_sha: headSha,
          reworked,
          // A webhook may have reported a revert since this look began.
          reverted_at: sql<Date | null>`coalesce(reverted_at, ${revertedAt?.toISOString() ?? null}::timestamptz)`,
          looked_at: now(),
          look_at: lookAt,
        })
        .execute()
    },

    async markReverted(pull, at) {
      await update(pull)
        .set({ reverted_at: sql<Date>`least(reverted_at, ${at.toISOString()}::timestamptz)` })
        .execute()
    },

    async postpone(pull, ms) {
      await update(pull)
        .set({ look_at: new Date(now().getTime() + ms) })
        .execute()
    },
  }
}

type Row = Selectable<PullRequestOutcomesTable> & { readonly name: string; readonly github_id: string }

function toPullRequest(row: Row): OpenedPullRequest {
  const [owner = '', name = ''] = row.name.split('/')
  const id = Number(row.github_id)
  return {
    ref: row.ref,
    number: row.number,
    repository: { owner, name, id: id === 0 ? undefined : id },
    openedAt: row.opened_at,
    openedSha: row.opened_sha,
    state: row.state as OpenedPullRequest['state'],
    base: row.base,
    endedAt: row.ended_at,
    mergeSha: row.merge_sha,
    headSha: row.head_sha,
    reworked: row.reworked,
    revertedAt: row.reverted_at,
  }
}
