import { z } from 'zod'
import { editText, setState } from '../actions/issues.ts'
import { addReviewComment, createPull, submitReview } from '../actions/pulls.ts'
import { notFound, validationFailed } from '../api-error.ts'
import { commitsBetween, diffFiles, diffText } from '../git/read-objects.ts'
import { readReference } from '../git/references.ts'
import type { RepositoryRecord, ReviewCommentRecord } from '../records.ts'
import { renderCommits, renderFile } from '../render/render-commit.ts'
import {
  isPull,
  type PullIssue,
  pullRange,
  pullUrl,
  renderPull,
  renderReview,
  renderReviewComment,
  renderSimplePull,
} from '../render/render-pull.ts'
import type { World } from '../world.ts'
import { chosenComments, reactionsOn } from './comments.ts'
import { NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

const NewPullBody = z.object({
  title: z.string(),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
})

const PullChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
  maintainer_can_modify: z.boolean().optional(),
})

/** Pull requests. */
export function pullRoutes(world: World): readonly Route[] {
  const pulls = `${REPOSITORY}/pulls`
  return [
    ...reviewRoutes(world),
    route(`GET ${pulls}`, NEEDS.readPulls, (call) =>
      call.page(listPulls(call)).map((issue) => renderSimplePull(world, issue)),
    ),
    route(`POST ${pulls}`, NEEDS.writePulls, async (call) => {
      const body = await call.body(NewPullBody)
      const issue = await createPull(world, call.repository, {
        actor: call.actor,
        title: body.title,
        body: body.body ?? null,
        head: body.head,
        base: body.base,
        draft: body.draft ?? false,
        maintainerCanModify: body.maintainer_can_modify ?? true,
      })
      call.header('location', pullUrl(world, issue))
      return call.json(await renderPull(world, issue), 201)
    }),
    route(`GET ${pulls}/:number`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      if (call.wants('diff')) {
        return call.text(await diffText(issue.repository, await pullRange(issue)))
      }
      return await renderPull(world, issue)
    }),
    route(`PATCH ${pulls}/:number`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      const isOwn = call.actor.account === issue.author.account
      call.require(isOwn ? NEEDS.writePulls : { ...NEEDS.writePulls, role: 'write' })
      await changePull(call, issue)
      return await renderPull(world, issue)
    }),
    route(`GET ${pulls}/:number/files`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      const range = await pullRange(issue)
      const files = await diffFiles(issue.repository, range)
      return call.page(files).map((file) => renderFile(world, issue.repository, { file, ref: range.to }))
    }),
    route(`GET ${pulls}/:number/commits`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      const shas = await commitsBetween(issue.repository, await pullRange(issue))
      return await renderCommits(world, issue.repository, call.page(shas))
    }),
  ]
}

/** The pull request that the path names. */
function pullIn(call: RepositoryCall): PullIssue {
  const issue = call.repository.issues.get(call.number('number'))
  if (!issue || !isPull(issue)) throw notFound()
  return issue
}

function listPulls(call: RepositoryCall): PullIssue[] {
  const state = call.query('state') ?? 'open'
  const head = call.query('head')
  const base = call.query('base')
  const matchesHead = ({ pull }: PullIssue) =>
    head === undefined ||
    `${pull.head.repository.owner.login}:${pull.head.branch}`.toLowerCase() === head.toLowerCase()
  return pullsOf(call.repository)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => matchesHead(issue) && (base === undefined || issue.pull.base.branch === base))
    .sort((a, b) => (call.query('direction') === 'asc' ? a.number - b.number : b.number - a.number))
}

async function changePull(call: RepositoryCall, issue: PullIssue): Promise<void> {
  const { world, actor } = call
  const { title, body, base, state } = await call.body(PullChange)
  if (base !== undefined && base !== issue.pull.base.branch) {
    const reference = await readReference(issue.repository, `refs/heads/${base}`)
    if (!reference) throw validationFailed('PullRequest', { field: 'base', code: 'invalid' })
    issue.pull.base = { branch: base, sha: reference.sha }
  }
  editText(world, issue, { actor, title, body })
  if (state !== undefined) setState(world, issue, { actor, state })
}

/** All pull requests of a repository. */
function pullsOf(repository: RepositoryRecord): PullIssue[] {
  return [...repository.issues.values()].filter(isPull)
}

const STATES = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const

const ReviewBody = z.object({
  body: z.string().optional(),
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']),
})

const ReviewCommentBody = z.object({
  body: z.string(),
  path: z.string(),
  line: z.number().optional(),
  commit_id: z.string().optional(),
})

const ReplyBody = z.object({ body: z.string() })

/** Reviews of pull requests and comments on lines of their diff. */
function reviewRoutes(world: World): readonly Route[] {
  const pull = `${REPOSITORY}/pulls/:number`
  return [
    route(`GET ${REPOSITORY}/pulls/comments`, NEEDS.readPulls, (call) => {
      const comments = call.page(chosenComments(call, reviewCommentsOf(call)))
      return comments.map((comment) => renderReviewComment(world, comment))
    }),
    route(`GET ${REPOSITORY}/pulls/comments/:id`, NEEDS.readPulls, (call) =>
      renderReviewComment(world, reviewCommentIn(call)),
    ),
    ...reactionsOn(world, `${REPOSITORY}/pulls/comments/:id`, NEEDS.readPulls, (call) => ({
      reactions: reviewCommentIn(call).reactions,
      isPull: true,
    })),
    route(`GET ${pull}/reviews`, NEEDS.readPulls, (call) => {
      const issue = pullIn(call)
      return call.page(issue.pull.reviews).map((review) => renderReview(world, issue, review))
    }),
    route(`POST ${pull}/reviews`, NEEDS.writePulls, async (call) => {
      const issue = pullIn(call)
      const { body = '', event } = await call.body(ReviewBody)
      const review = submitReview(world, issue, { actor: call.actor, body, state: STATES[event] })
      return renderReview(world, issue, review)
    }),
    route(`GET ${pull}/comments`, NEEDS.readPulls, (call) =>
      call.page(pullIn(call).pull.reviewComments).map((comment) => renderReviewComment(world, comment)),
    ),
    route(`POST ${pull}/comments`, NEEDS.writePulls, async (call) => {
      const issue = pullIn(call)
      const { body, path, line = 1 } = await call.body(ReviewCommentBody)
      const request = { actor: call.actor, body, path, line }
      const comment = await addReviewComment(world, issue, request)
      return call.json(renderReviewComment(world, comment), 201)
    }),
    route(`POST ${pull}/comments/:id/replies`, NEEDS.writePulls, async (call) => {
      const issue = pullIn(call)
      const parent = issue.pull.reviewComments.find(({ id }) => id === call.number('id'))
      if (!parent) throw notFound()
      const { body } = await call.body(ReplyBody)
      const { path, line, id } = parent
      const request = { actor: call.actor, body, path, line, inReplyTo: id }
      const comment = await addReviewComment(world, issue, request)
      return call.json(renderReviewComment(world, comment), 201)
    }),
  ]
}

function reviewCommentsOf(call: RepositoryCall): ReviewCommentRecord[] {
  return pullsOf(call.repository).flatMap((issue) => issue.pull.reviewComments)
}

function reviewCommentIn(call: RepositoryCall): ReviewCommentRecord {
  const comment = reviewCommentsOf(call).find(({ id }) => id === call.number('id'))
  if (!comment) throw notFound()
  return comment
}
