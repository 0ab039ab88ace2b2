import { Hono } from 'hono'
import { z } from 'zod'
import { addReviewComment, submitReview } from '../actions/reviews.ts'
import { notFound } from '../api-error.ts'
import { requireNeed } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import { renderReview, renderReviewComment } from '../render/render-pull.ts'
import type { World } from '../world.ts'
import { type ApiEnv, NEEDS, numberParam, onePage, openRepository, readBody } from './api-context.ts'
import { chosenComments } from './chosen-comments.ts'
import { pullIn, pullsOf } from './pull-routes.ts'

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
export function reviewRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  const pull = '/repos/:owner/:repo/pulls/:number'
  api.get('/repos/:owner/:repo/pulls/comments', (c) => {
    const repository = openRepository(world, c, NEEDS.readPulls)
    const comments = pullsOf(repository).flatMap((issue) => issue.pull.reviewComments)
    return c.json(
      onePage(c, chosenComments(c, comments)).map((comment) => renderReviewComment(world, comment)),
    )
  })
  api.get('/repos/:owner/:repo/pulls/comments/:id', (c) => {
    const repository = openRepository(world, c, NEEDS.readPulls)
    const comments = pullsOf(repository).flatMap((issue) => issue.pull.reviewComments)
    const comment = comments.find(({ id }) => id === numberParam(c, 'id'))
    if (!comment) throw notFound()
    return c.json(renderReviewComment(world, comment))
  })
  api.get(`${pull}/reviews`, (c) => {
    const issue = pullIn(world, c)
    return c.json(onePage(c, issue.pull.reviews).map((review) => renderReview(world, issue, review)))
  })
  api.post(`${pull}/reviews`, async (c) => {
    const issue = pullIn(world, c)
    requireNeed(world, c.get('caller'), { repository: issue.repository, need: NEEDS.writePulls })
    const { body = '', event } = await readBody(c, ReviewBody)
    const review = submitReview(world, issue, { actor: actorOf(c.get('caller')), body, state: STATES[event] })
    return c.json(renderReview(world, issue, review))
  })
  api.get(`${pull}/comments`, (c) =>
    c.json(
      onePage(c, pullIn(world, c).pull.reviewComments).map((comment) => renderReviewComment(world, comment)),
    ),
  )
  api.post(`${pull}/comments`, async (c) => {
    const issue = pullIn(world, c)
    requireNeed(world, c.get('caller'), { repository: issue.repository, need: NEEDS.writePulls })
    const { body, path, line = 1 } = await readBody(c, ReviewCommentBody)
    const comment = await addReviewComment(world, issue, {
      actor: actorOf(c.get('caller')),
      body,
      path,
      line,
    })
    return c.json(renderReviewComment(world, comment), 201)
  })
  api.post(`${pull}/comments/:id/replies`, async (c) => {
    const issue = pullIn(world, c)
    requireNeed(world, c.get('caller'), { repository: issue.repository, need: NEEDS.writePulls })
    const parent = issue.pull.reviewComments.find(({ id }) => id === numberParam(c, 'id'))
    if (!parent) throw notFound()
    const { body } = await readBody(c, ReplyBody)
    const actor = actorOf(c.get('caller'))
    const { path, line, id } = parent
    const comment = await addReviewComment(world, issue, { actor, body, path, line, inReplyTo: id })
    return c.json(renderReviewComment(world, comment), 201)
  })
  return api
}
