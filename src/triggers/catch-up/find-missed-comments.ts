import { knownError } from '../../errors.ts'
import type { AppInstallations } from '../../github/app-installations.ts'
import { listCommentsSince } from '../../github/list-comments-since.ts'
import type { DeliveryStore } from '../../runs/deliveries/delivery-store.ts'
import type { WatchedRepositories, WatchedRepository } from '../../runs/deliveries/watched-repositories.ts'
import { commandsAmong, type MissedComment, rebuildDelivery } from './missed-comment.ts'

export interface FindMissedCommentsDeps {
  readonly github: AppInstallations
  readonly deliveries: Pick<DeliveryStore, 'acceptDelivery' | 'missingOf'>
  readonly watched: WatchedRepositories
}

const REPOSITORIES_PER_ROUND = 200
const REPOSITORIES_AT_ONCE = 4
/** GitHub may still be delivering what is younger. */
const SETTLE_MS = 2 * 60_000
/** Looked through again each time, for comments that GitHub listed late. */
const OVERLAP_MS = 10 * 60_000
/** As far back as GitHub can deliver again. */
const WINDOW_MS = 3 * 24 * 60 * 60_000

/**
 * Finds commands in comments of which GitHub never told us, and takes them in as if it had. One that did come, or
 * comes later, has the same content key and so counts once. Two requests per repository, those that waited longest
 * first; a rate limit ends the round, and the next one goes on from there.
 *
 * @throws {BackspaceError} the first trouble, after the other repositories were looked at all the same.
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
    try {
      await deps.deliveries.acceptDelivery(await rebuildDelivery(octokit, { repository, missed }))
    } catch (error) {
      // The thread was deleted, and the request with it.
      if (knownError(error)?.code !== 'not_found') throw error
    }
  }
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b
}
