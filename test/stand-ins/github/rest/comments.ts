import { Hono } from 'hono'
import { z } from 'zod'
import { addReaction, createComment, deleteComment, editComment } from '../actions/issues.ts'
import { notFound } from '../api-error.ts'
import { requireNeed } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import type { CommentRecord, ReactionRecord, RepositoryRecord } from '../records.ts'
import { renderComment, renderReaction } from '../render/render-issue.ts'
import type { World } from '../world.ts'
import { issueIn } from './issues.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  numberParam,
  onePage,
  openRepository,
  readBody,
} from './route.ts'

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
function commentIn(world: World, c: ApiContext): CommentRecord {
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

/** Comments of a repository as `since` (when they were last changed), `sort` and `direction` ask for them. */
export function chosenComments<
  T extends { readonly id: number; readonly createdAt: number; readonly updatedAt: number },
>(c: ApiContext, comments: readonly T[]): readonly T[] {
  const since = Date.parse(c.req.query('since') ?? '') || 0
  const direction = c.req.query('direction') === 'desc' ? -1 : 1
  const byUpdate = c.req.query('sort') === 'updated'
  return comments
    .filter((comment) => comment.updatedAt >= since)
    .sort(
      (a, b) =>
        direction * ((byUpdate ? a.updatedAt - b.updatedAt : a.createdAt - b.createdAt) || a.id - b.id),
    )
}

const ReactionBody = z.object({ content: z.string() })

interface Target {
  readonly repository: RepositoryRecord
  readonly reactions: ReactionRecord[]
  readonly isPull: boolean
}

type FindTarget = (c: ApiContext) => Target

/** Reactions on issues, comments and review comments: list, add (once each), take away. */
export function reactionRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  const base = '/repos/:owner/:repo'
  addRoutes(world, api, {
    path: `${base}/issues/comments/:id/reactions`,
    find: (c) => {
      const { issue, reactions } = commentIn(world, c)
      return { repository: issue.repository, reactions, isPull: issue.pull !== undefined }
    },
  })
  addRoutes(world, api, {
    path: `${base}/issues/:number/reactions`,
    find: (c) => {
      const { repository, reactions, pull } = issueIn(world, c, 'read')
      return { repository, reactions, isPull: pull !== undefined }
    },
  })
  addRoutes(world, api, {
    path: `${base}/pulls/comments/:id/reactions`,
    find: (c) => {
      const repository = openRepository(world, c, NEEDS.readPulls)
      const comments = [...repository.issues.values()].flatMap((issue) => issue.pull?.reviewComments ?? [])
      const comment = comments.find(({ id }) => id === numberParam(c, 'id'))
      if (!comment) throw notFound()
      return { repository, reactions: comment.reactions, isPull: true }
    },
  })
  return api
}

function addRoutes(
  world: World,
  api: Hono<ApiEnv>,
  { path, find }: { readonly path: string; readonly find: FindTarget },
): void {
  const change = (c: ApiContext): Target => {
    const target = find(c)
    const need = target.isPull ? NEEDS.discussPulls : NEEDS.writeIssues
    requireNeed(world, c.get('caller'), { repository: target.repository, need })
    return target
  }
  api.get(path, (c) => {
    const content = c.req.query('content')
    const wanted = find(c).reactions.filter(
      (reaction) => content === undefined || reaction.content === content,
    )
    return c.json(onePage(c, wanted).map((reaction) => renderReaction(world, reaction)))
  })
  api.post(path, async (c) => {
    const { reactions } = change(c)
    const { content } = await readBody(c, ReactionBody)
    const { reaction, isNew } = addReaction(world, reactions, { actor: actorOf(c.get('caller')), content })
    return c.json(renderReaction(world, reaction), isNew ? 201 : 200)
  })
  api.delete(`${path}/:reaction`, (c) => {
    const { reactions } = change(c)
    const index = reactions.findIndex(({ id }) => id === numberParam(c, 'reaction'))
    const isOwn = reactions[index]?.account === actorOf(c.get('caller')).account
    if (index < 0 || !isOwn) throw notFound()
    reactions.splice(index, 1)
    return c.body(null, 204)
  })
}
