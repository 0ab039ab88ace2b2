import { findReverts, type Reverts, reverts } from '../../runs/outcomes/find-reverts.ts'
import type { OpenedPullRequest } from '../../runs/outcomes/outcome-store.ts'
import type { PullRequestEvent, PushEvent, TriggerEvent } from '../trigger-event.ts'
import { type LookDeps, lookAtPullRequest } from './look-at-pull-request.ts'

/**
 * Handles a pull request that was closed, merged or reopened. If a run opened it, GitHub is asked for its outcome. If
 * it was merged and says that it reverts a pull request of a run, that one counts as reverted.
 */
export async function pullRequestEnded(
  deps: LookDeps,
  { repository, thread, merged, base, at }: PullRequestEvent,
): Promise<void> {
  const own = await deps.outcomes.find({ repositoryId: repository.id, number: thread.number })
  if (own) await lookAtPullRequest(own, deps)
  if (!merged) return
  const said = findReverts(`${thread.title}\n${thread.body}`, nameOf(repository))
  await markReverted(deps, { repositoryId: repository.id, branch: base, said: [said], at })
}

/** Handles pushed commits: on a branch that pull requests of runs were merged into, they may revert one. */
export async function pushed(deps: LookDeps, { repository, ref, messages, at }: PushEvent): Promise<void> {
  const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1]
  if (branch === undefined) return
  const said = messages.map((message) => findReverts(message, nameOf(repository)))
  await markReverted(deps, { repositoryId: repository.id, branch, said, at })
}

function nameOf({ owner, name }: TriggerEvent['repository']): string {
  return `${owner}/${name}`
}

interface Said {
  readonly repositoryId: number
  /** The branch on which the revert happened. */
  readonly branch: string
  readonly said: readonly Reverts[]
  /** When it happened by GitHub's clock; default: now. */
  readonly at: string | undefined
}

async function markReverted(
  { outcomes, now }: LookDeps,
  { repositoryId, branch, said, at }: Said,
): Promise<void> {
  const named = said.filter(({ shas, numbers }) => shas.length > 0 || numbers.length > 0)
  if (named.length === 0) return
  const when = new Date(Math.min(Date.parse(at ?? '') || now().getTime(), now().getTime()))
  for (const pull of await outcomes.merged(repositoryId)) {
    if (pull.base === branch && named.some((one) => reverts(one, withCommits(pull)))) {
      await outcomes.markReverted(pull, when)
    }
  }
}

function withCommits({ number, mergeSha, headSha, openedSha }: OpenedPullRequest) {
  return { number, commits: [mergeSha, headSha, openedSha] }
}
