import type { Actor, IssueRecord, RepositoryRecord } from '../records.ts'
import { emit } from '../webhooks.ts'
import type { World } from '../world.ts'
import { renderIssue } from './render-issue.ts'
import { renderRepository } from './render-repository.ts'

/**
 * Moves an issue to another repository: it and its comments get other numbers there, and keep their authors and times. Says
 * `transferred` where it was, and `opened` where it is.
 */
export function transferIssue(
  world: World,
  issue: IssueRecord,
  { actor, to }: { readonly actor: Actor; readonly to: RepositoryRecord },
): IssueRecord {
  const from = issue.repository
  const moved: IssueRecord = {
    ...issue,
    id: world.nextId(),
    number: to.issues.size + 1,
    repository: to,
    labels: [],
    comments: [],
  }
  moved.comments.push(...issue.comments.map((comment) => ({ ...comment, id: world.nextId(), issue: moved })))
  to.issues.set(moved.number, moved)
  issue.comments.length = 0
  world.transferred.set(`${from.id}/${issue.number}`, moved)
  const [before, after] = [renderIssue(world, issue), renderIssue(world, moved)] as const
  emit(world, {
    ...{ event: 'issues', action: 'transferred', repository: from, sender: actor.account },
    body: { issue: before, changes: { new_issue: after, new_repository: renderRepository(world, to) } },
  })
  emit(world, {
    ...{ event: 'issues', action: 'opened', repository: to, sender: actor.account },
    body: { issue: after, changes: { old_issue: before, old_repository: renderRepository(world, from) } },
  })
  return moved
}
