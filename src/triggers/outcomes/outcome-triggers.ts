import { findReverts, type Reverts, reverts } from '../../runs/outcomes/find-reverts.ts'
import type { OpenedPullRequest } from '../../runs/outcomes/outcome-store.ts'
import type { PullRequestEvent, PushEvent, TriggerEvent } from '../trigger-event.ts'
import { type LookDeps, lookAtPullRequest } from './look-at-pull-request.ts'

/**
 * A pull request was closed, merged or reopened. If a run opened it, its outcome is looked up; if it is merged and says that
 * it reverts one of ours, that one was reverted.
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

/** Commits were pushed: on a branch that pull requests of ours were merged into, they may revert one. */
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
  /** Where it was said. */
  readonly branch: string
  readonly said: readonly Reverts[]
  /** By GitHub's clock; default: now. */
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
