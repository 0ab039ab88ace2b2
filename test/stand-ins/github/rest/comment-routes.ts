import { Hono } from 'hono'
import { z } from 'zod'
import { createComment, deleteComment, editComment } from '../actions/issues.ts'
import { notFound } from '../api-error.ts'
import { requireNeed } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import type { CommentRecord, RepositoryRecord } from '../records.ts'
import { renderComment } from '../render/render-issue.ts'
import type { World } from '../world.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  numberParam,
  onePage,
  openRepository,
  readBody,
} from './api-context.ts'
import { chosenComments } from './chosen-comments.ts'
import { issueIn } from './issue-routes.ts'

const CommentBody = z.object({ body: z.string().min(1) })

/** Comments on issues and pull requests. */
export function commentRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/repos/:owner/:repo/issues/comments', (c) => {
    const repository = openRepository(world, c, NEEDS.readIssues)
    return c.json(
      onePage(c, chosenComments(c, commentsOf(repository))).map((comment) => renderComment(world, comment)),
    )
  })
  api.get('/repos/:owner/:repo/issues/comments/:id', (c) => c.json(renderComment(world, commentIn(world, c))))
  api.patch('/repos/:owner/:repo/issues/comments/:id', async (c) => {
    const comment = ownCommentIn(world, c)
    editComment(world, comment, {
      actor: actorOf(c.get('caller')),
      body: (await readBody(c, CommentBody)).body,
    })
    return c.json(renderComment(world, comment))
  })
  api.delete('/repos/:owner/:repo/issues/comments/:id', (c) => {
    deleteComment(world, ownCommentIn(world, c), actorOf(c.get('caller')))
    return c.body(null, 204)
  })
  api.get('/repos/:owner/:repo/issues/:number/comments', (c) => {
    const { comments } = issueIn(world, c, 'read')
    const since = Date.parse(c.req.query('since') ?? '') || 0
    const recent = comments.filter((comment) => comment.updatedAt >= since)
    return c.json(onePage(c, recent).map((comment) => renderComment(world, comment)))
  })
  api.post('/repos/:owner/:repo/issues/:number/comments', async (c) => {
    const issue = issueIn(world, c, 'discuss')
    const { body } = await readBody(c, CommentBody)
    const comment = createComment(world, issue, { actor: actorOf(c.get('caller')), body })
    c.header('location', renderComment(world, comment).url)
    return c.json(renderComment(world, comment), 201)
  })
  return api
}

/** The comment that the path names. */
export function commentIn(world: World, c: ApiContext): CommentRecord {
  const repository = openRepository(world, c, NEEDS.readIssues)
  const comment = commentsOf(repository).find(({ id }) => id === numberParam(c, 'id'))
  if (!comment) throw notFound()
  return comment
}

/** For editing: one's own comment, or any with write rights. */
function ownCommentIn(world: World, c: ApiContext): CommentRecord {
  const comment = commentIn(world, c)
  const caller = c.get('caller')
  const isOwn = actorOf(caller).account === comment.author.account
  const need = comment.issue.pull ? NEEDS.discussPulls : NEEDS.writeIssues
  requireNeed(world, caller, {
    repository: comment.issue.repository,
    need: isOwn ? need : { ...need, role: 'write' },
  })
  return comment
}

function commentsOf(repository: RepositoryRecord): CommentRecord[] {
  return [...repository.issues.values()].flatMap((issue) => issue.comments)
}
