import type { Actor, IssueRecord } from '../records.ts'
import { renderIssue } from '../render/render-issue.ts'
import { isPull, renderPull } from '../render/render-pull.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'

/** Sends `issues.<action>` or `pull_request.<action>`, whichever the record is. */
export function emitIssue(
  world: World,
  issue: IssueRecord,
  { actor, action, extra = {} }: { readonly actor: Actor; readonly action: string; readonly extra?: object },
): void {
  const { repository } = issue
  const common = { action, repository, sender: actor.account }
  if (isPull(issue)) {
    const body = renderPull(world, issue).then((pull) => ({
      number: issue.number,
      pull_request: pull,
      ...extra,
    }))
    emit(world, { ...common, event: 'pull_request', body })
  } else {
    emit(world, { ...common, event: 'issues', body: { issue: renderIssue(world, issue), ...extra } })
  }
}
