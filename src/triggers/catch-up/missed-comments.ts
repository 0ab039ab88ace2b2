import { knownError } from '../../errors.ts'
import type { AppInstallations } from '../../github/app-installations.ts'
import { listCommentsSince, type RecentComments } from '../../github/comments.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { getIssue } from '../../github/issues.ts'
import { type Delivery, deliveryKey } from '../../runs/deliveries/delivery.ts'
import type { DeliveryStore } from '../../runs/deliveries/delivery-store.ts'
import type { WatchedRepositories, WatchedRepository } from '../../runs/deliveries/watched-repositories.ts'
import { isPerson } from '../authorize.ts'
import { mayHoldToken } from '../read-token.ts'

interface FindMissedCommentsDeps {
  readonly github: AppInstallations
  readonly deliveries: Pick<DeliveryStore, 'acceptDelivery' | 'missingOf' | 'hasSaid'>
  readonly watched: WatchedRepositories
}

const REPOSITORIES_PER_ROUND = 200
const REPOSITORIES_AT_ONCE = 4
/** The webhooks of younger comments may still be on their way. */
const SETTLE_MS = 2 * 60_000
/** This much is checked again each time, for comments that GitHub listed late. */
const OVERLAP_MS = 10 * 60_000
/** How far back GitHub can redeliver. */
const WINDOW_MS = 3 * 24 * 60 * 60_000

/**
 * Finds commands in comments whose webhooks never arrived, and accepts them as if they had. If such a webhook arrives
 * later, it has the same content key and so counts only once. It takes two requests per repository, starting with the
 * repository that was checked longest ago. A rate limit ends the round, and the next one continues from there.
 *
 * @throws {BackspaceError} the first error, after the other repositories were checked.
 */
export async function findMissedComments(deps: FindMissedCommentsDeps, signal: AbortSignal): Promise<void> {
  const left = [...(await deps.watched.nextToCheck(REPOSITORIES_PER_ROUND))]
  const troubles: unknown[] = []
  async function takeTurns(): Promise<void> {
    for (let next = left.shift(); next && !signal.aborted; next = left.shift()) {
      try {
        await check(deps, next, signal)
      } catch (error) {
        troubles.push(error)
        if (knownError(error)?.code === 'github_rate_limited') left.length = 0
        else await deps.watched.looked(next.id)
      }
    }
  }
  await Promise.all(Array.from({ length: REPOSITORIES_AT_ONCE }, takeTurns))
  if (troubles.length > 0) throw troubles[0]
}

async function check(
  deps: FindMissedCommentsDeps,
  repository: WatchedRepository,
  signal: AbortSignal,
): Promise<void> {
  const octokit = deps.github.reader(repository.installationId, signal)
  const since = laterOf(repository.watchedSince, new Date(repository.checkedAt.getTime() - OVERLAP_MS))
  const recent = await listCommentsSince(octokit, { repository, since })
  const until = new Date(recent.at.getTime() - SETTLE_MS)
  const from = laterOf(since, new Date(recent.at.getTime() - WINDOW_MS))

  const commands = commandsAmong(recent, { repository, from, until })
  const keys = commands.map(({ contentKey }) => contentKey)
  const missing = keys.length === 0 ? new Set() : await deps.deliveries.missingOf('contentKey', keys)
  for (const missed of commands.filter(({ contentKey }) => missing.has(contentKey))) {
    await takeIn(missed)
  }
  await deps.watched.looked(repository.id, laterOf(repository.checkedAt, until))

  async function takeIn(missed: MissedComment): Promise<void> {
    if (await cameWithItsIssue(deps.deliveries, missed)) return
    try {
      await deps.deliveries.acceptDelivery(await rebuildDelivery(octokit, { repository, missed }))
    } catch (error) {
      // The thread was deleted, and the request with it.
      if (knownError(error)?.code !== 'not_found') throw error
    }
  }
}

/**
 * Whether the comment was already delivered in the repository from which its issue was transferred. It is answered
 * there.
 */
async function cameWithItsIssue(
  deliveries: Pick<DeliveryStore, 'hasSaid'>,
  { event, comment: { user, body, created_at: createdAt } }: MissedComment,
): Promise<boolean> {
  if (event !== 'issue_comment' || !user) return false
  return await deliveries.hasSaid({ authorId: user.id, body: body ?? '', createdAt })
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b
}

type IssueComment = RecentComments['issueComments'][number]
type ReviewComment = RecentComments['reviewComments'][number]

/** A comment with a command whose webhook should have arrived. */
interface MissedComment {
  readonly event: 'issue_comment' | 'pull_request_review_comment'
  readonly comment: IssueComment | ReviewComment
  /** The key that the webhook would have, if it arrives after all. */
  readonly contentKey: string
}

/** The comments that may contain a command, were written between the two times, and were not edited since. */
function commandsAmong(
  { issueComments, reviewComments }: RecentComments,
  place: { readonly repository: WatchedRepository; readonly from: Date; readonly until: Date },
): readonly MissedComment[] {
  const { repository, from, until } = place
  const all = [
    ...issueComments.map((comment) => ({ event: 'issue_comment', comment }) as const),
    ...reviewComments.map((comment) => ({ event: 'pull_request_review_comment', comment }) as const),
  ]
  return all
    .filter(({ comment }) => {
      const written = Date.parse(comment.created_at)
      return written >= from.getTime() && written <= until.getTime() && isCommand(comment)
    })
    .map(({ event, comment }) => {
      const fact = { action: 'created', repository: { id: repository.id }, comment: { id: comment.id } }
      return { event, comment, contentKey: deliveryKey(event, fact) }
    })
}

/**
 * Whether a comment may be a command. An edited comment is ignored: GitHub does not say who wrote its present words.
 */
function isCommand({ user, body, created_at, updated_at }: IssueComment | ReviewComment): boolean {
  return (
    created_at === updated_at &&
    user !== null &&
    user !== undefined &&
    isPerson(user) &&
    mayHoldToken(body ?? '')
  )
}

/**
 * Builds the payload that GitHub would have delivered, with the fields that Backspace reads.
 *
 * @throws {BackspaceError} `not_found` if the thread was deleted.
 */
async function rebuildDelivery(
  octokit: GitHubClient,
  { repository, missed }: { readonly repository: WatchedRepository; readonly missed: MissedComment },
): Promise<Delivery> {
  const { event, comment, contentKey } = missed
  const threadUrl = 'issue_url' in comment ? comment.issue_url : comment.pull_request_url
  const issue = await getIssue(octokit, { repository, number: Number(threadUrl.split('/').at(-1)) })
  const { id, owner, name, installationId } = repository
  const payload = {
    action: 'created',
    comment,
    // JSON leaves out what is undefined.
    issue: event === 'issue_comment' ? issue : undefined,
    pull_request: event === 'issue_comment' ? undefined : issue,
    repository: { id, name, full_name: `${owner}/${name}`, owner: { login: owner } },
    sender: comment.user,
    installation: { id: installationId },
  }
  return { deliveryId: `missed-${contentKey}`, event, payload: JSON.stringify(payload), contentKey }
}
