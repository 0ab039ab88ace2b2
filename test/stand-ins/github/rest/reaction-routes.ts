import { Hono } from 'hono'
import { z } from 'zod'
import { addReaction } from '../actions/issues.ts'
import { notFound } from '../api-error.ts'
import { requireNeed } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import type { ReactionRecord, RepositoryRecord } from '../records.ts'
import { renderReaction } from '../render/render-issue.ts'
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
import { commentIn } from './comment-routes.ts'
import { issueIn } from './issue-routes.ts'

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
