import { knownError } from '../../errors.ts'
import type { GitHubAccess, RepositoryAccess } from '../../github/github-access.ts'
import {
  listCommitsSince,
  listPullRequestCommits,
  type PullRequestEnd,
  readPullRequestEnd,
} from '../../github/pull-request-end.ts'
import { fullName } from '../../github/repo-ref.ts'
import { findReverts, reverts } from '../../runs/outcomes/find-reverts.ts'
import type { OpenedPullRequest, OutcomeFound, OutcomeStore } from '../../runs/outcomes/outcome-store.ts'

export interface LookDeps {
  readonly github: Pick<GitHubAccess, 'repository'>
  readonly outcomes: OutcomeStore
  readonly now: () => Date
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
/** A revert after this time has other reasons than the change, and a closed pull request is rarely reopened so late. */
const SETTLED_MS = 14 * DAY_MS
/** A pull request that has been open for this long is not asked about again. A webhook still reports its end. */
const GIVEN_UP_MS = 180 * DAY_MS

/**
 * Asks GitHub what became of a pull request and stores the answer. GitHub is asked each time, so it does not matter in
 * which order and how often webhooks come, or whether one is missing.
 *
 * @throws {BackspaceError} when GitHub does not answer.
 */
export async function lookAtPullRequest(pull: OpenedPullRequest, deps: LookDeps): Promise<void> {
  const { outcomes } = deps
  await outcomes.save(pull, await find(pull, deps))
}

async function find(pull: OpenedPullRequest, { github, now }: LookDeps): Promise<OutcomeFound> {
  const { repository, number } = pull
  try {
    const access = await github.repository(repository)
    const { id } = access.repository
    // Another repository may have taken over the name.
    if (repository.id !== undefined && repository.id !== id) return gone(pull, now())
    const end = await readPullRequestEnd(access.octokit, { repository: access.repository, number })
    return end.state === 'merged'
      ? await judgeMerge(pull, { access, end, now: now() })
      : notMerged(pull, end, now())
  } catch (error) {
    const code = knownError(error)?.code
    if (code === 'not_found' || code === 'not_installed' || code === 'repository_not_found') {
      return gone(pull, now())
    }
    throw error
  }
}

/**
 * What is stored when GitHub no longer has the pull request. A known end stays true; an open one may have ended in any
 * way.
 */
function gone(pull: OpenedPullRequest, now: Date): OutcomeFound {
  const hasEnded = pull.state === 'merged' || pull.state === 'closed'
  const isRecent = now.getTime() - pull.openedAt.getTime() < 2 * SETTLED_MS
  return {
    ...pull,
    state: hasEnded ? pull.state : 'unknown',
    lookAt: isRecent ? new Date(now.getTime() + 3 * DAY_MS) : null,
  }
}

function notMerged(pull: OpenedPullRequest, end: PullRequestEnd, now: Date): OutcomeFound {
  const age = now.getTime() - (end.endedAt ?? pull.openedAt).getTime()
  const isOver = age > (end.state === 'closed' ? SETTLED_MS : GIVEN_UP_MS)
  const again = end.state === 'open' && age < 7 * DAY_MS ? 6 * HOUR_MS : DAY_MS
  return {
    state: end.state,
    base: end.base,
    endedAt: end.endedAt ?? null,
    mergeSha: null,
    headSha: end.headSha,
    reworked: null,
    revertedAt: null,
    lookAt: isOver ? null : new Date(now.getTime() + again),
  }
}

interface Merge {
  readonly access: RepositoryAccess
  readonly end: PullRequestEnd
  readonly now: Date
}

async function judgeMerge(pull: OpenedPullRequest, { access, end, now }: Merge): Promise<OutcomeFound> {
  const endedAt = end.endedAt ?? now
  const settledAt = endedAt.getTime() + SETTLED_MS
  const revertedAt = pull.revertedAt ?? (await findRevert(pull, { access, end, now }))
  const isOver = revertedAt !== null || now.getTime() > settledAt
  return {
    state: 'merged',
    base: end.base,
    endedAt,
    mergeSha: end.mergeSha ?? null,
    headSha: end.headSha,
    reworked: await isReworked(pull, { access, end }),
    revertedAt,
    lookAt: isOver ? null : new Date(Math.min(now.getTime() + DAY_MS, settledAt + HOUR_MS)),
  }
}

/** Whether other commits were added before the merge; null when it is not known with which commit it was opened. */
async function isReworked(
  { openedSha, number }: OpenedPullRequest,
  { access, end }: Pick<Merge, 'access' | 'end'>,
): Promise<boolean | null> {
  if (openedSha === null) return null
  if (end.headSha === openedSha) return false
  const { octokit, repository } = access
  const commits = await listPullRequestCommits(octokit, { repository, number })
  // If the commit itself is missing, the branch was rebased or rewritten.
  const others = commits.filter(({ sha, isMerge }) => sha !== openedSha && !isMerge)
  return others.length > 0 || !commits.some(({ sha }) => sha === openedSha)
}

/** When a commit on the base branch first said that it reverts this pull request; null if none did. */
async function findRevert(
  { number, openedSha }: OpenedPullRequest,
  { access, end, now }: Merge,
): Promise<Date | null> {
  const { octokit, repository } = access
  const since = end.endedAt ?? now
  const commits = [end.mergeSha ?? null, end.headSha, openedSha]
  const newer = await listCommitsSince(octokit, { repository, branch: end.base, since }).catch(
    // The base branch may no longer exist.
    (error: unknown) => {
      if (knownError(error)?.code === 'not_found') return []
      throw error
    },
  )
  const found = newer
    .filter(({ message }) => reverts(findReverts(message, fullName(repository)), { number, commits }))
    // A committer's clock may be wrong, so its time is limited to what is possible.
    .map(({ at }) => Math.min(Math.max(at?.getTime() ?? 0, since.getTime()), now.getTime()))
  return found.length === 0 ? null : new Date(Math.min(...found))
}
