import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import type { Need } from '../caller.ts'
import type { Actor, CommentRecord, ReactionRecord, RepositoryRecord } from '../records.ts'
import { isoSeconds, type World } from '../world.ts'
import { createComment, deleteComment, editComment } from './issue-changes.ts'
import { issueIn } from './issues.ts'
import { CONTENTS, renderComment } from './render-issue.ts'
import { nodeId, renderAccount } from './render-repository.ts'
import { NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

const CommentBody = z.object({ body: z.string().min(1) })

/** Comments on issues and pull requests. */
export function commentRoutes(world: World): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/issues/comments`, NEEDS.readIssues, (call) => {
      const comments = call.page(chosenComments(call, commentsOf(call.repository)))
      return comments.map((comment) => renderComment(world, comment))
    }),
    route(`GET ${REPOSITORY}/issues/comments/:id`, NEEDS.readIssues, (call) =>
      renderComment(world, commentIn(call)),
    ),
    route(`PATCH ${REPOSITORY}/issues/comments/:id`, NEEDS.readIssues, async (call) => {
      const comment = ownCommentIn(call)
      const { body } = await call.body(CommentBody)
      editComment(world, comment, { actor: call.actor, body })
      return renderComment(world, comment)
    }),
    route(`DELETE ${REPOSITORY}/issues/comments/:id`, NEEDS.readIssues, (call) => {
      deleteComment(world, ownCommentIn(call), call.actor)
      return call.noContent()
    }),
    route(`GET ${REPOSITORY}/issues/:number/comments`, NEEDS.readIssues, (call) => {
      const { comments } = issueIn(call, 'read')
      const since = Date.parse(call.query('since') ?? '') || 0
      const recent = comments.filter((comment) => comment.updatedAt >= since)
      return call.page(recent).map((comment) => renderComment(world, comment))
    }),
    route(`POST ${REPOSITORY}/issues/:number/comments`, NEEDS.readIssues, async (call) => {
      const issue = issueIn(call, 'discuss')
      const { body } = await call.body(CommentBody)
      const comment = createComment(world, issue, { actor: call.actor, body })
      call.header('location', renderComment(world, comment).url)
      return call.json(renderComment(world, comment), 201)
    }),
    ...reactionRoutes(world),
  ]
}

/** The comment that the path names. */
function commentIn(call: RepositoryCall): CommentRecord {
  const comment = commentsOf(call.repository).find(({ id }) => id === call.number('id'))
  if (!comment) throw notFound()
  return comment
}

/** For editing: one's own comment, or any with write rights. */
function ownCommentIn(call: RepositoryCall): CommentRecord {
  const comment = commentIn(call)
  const isOwn = call.actor.account === comment.author.account
  const need = comment.issue.pull ? NEEDS.discussPulls : NEEDS.writeIssues
  call.require(isOwn ? need : { ...need, role: 'write' })
  return comment
}

function commentsOf(repository: RepositoryRecord): CommentRecord[] {
  return [...repository.issues.values()].flatMap((issue) => issue.comments)
}

/** Comments of a repository as `since` (when they were last changed), `sort` and `direction` ask for them. */
export function chosenComments<
  T extends { readonly id: number; readonly createdAt: number; readonly updatedAt: number },
>(call: RepositoryCall, comments: readonly T[]): readonly T[] {
  const since = Date.parse(call.query('since') ?? '') || 0
  const direction = call.query('direction') === 'desc' ? -1 : 1
  const byUpdate = call.query('sort') === 'updated'
  return comments
    .filter((comment) => comment.updatedAt >= since)
    .sort(
      (a, b) =>
        direction * ((byUpdate ? a.updatedAt - b.updatedAt : a.createdAt - b.createdAt) || a.id - b.id),
    )
}

const ReactionBody = z.object({ content: z.string() })

interface Target {
  readonly reactions: ReactionRecord[]
  readonly isPull: boolean
}

/** Reactions on issues and comments: list, add (once each), take away. */
function reactionRoutes(world: World): readonly Route[] {
  return [
    ...reactionsOn(world, `${REPOSITORY}/issues/comments/:id`, NEEDS.readIssues, (call) => {
      const { issue, reactions } = commentIn(call)
      return { reactions, isPull: issue.pull !== undefined }
    }),
    ...reactionsOn(world, `${REPOSITORY}/issues/:number`, NEEDS.readIssues, (call) => {
      const { reactions, pull } = issueIn(call, 'read')
      return { reactions, isPull: pull !== undefined }
    }),
  ]
}

/** The same for anything that can be reacted to. @param place its path. @param need for reading it. */
export function reactionsOn(
  world: World,
  place: `/${string}`,
  need: Need,
  find: (call: RepositoryCall) => Target,
): readonly Route[] {
  const path = `${place}/reactions` as const
  function toChange(call: RepositoryCall): ReactionRecord[] {
    const { reactions, isPull } = find(call)
    call.require(isPull ? NEEDS.discussPulls : NEEDS.writeIssues)
    return reactions
  }
  return [
    route(`GET ${path}`, need, (call) => {
      const content = call.query('content')
      const wanted = find(call).reactions.filter(
        (reaction) => content === undefined || reaction.content === content,
      )
      return call.page(wanted).map((reaction) => renderReaction(world, reaction))
    }),
    route(`POST ${path}`, need, async (call) => {
      const reactions = toChange(call)
      const { content } = await call.body(ReactionBody)
      const { reaction, isNew } = addReaction(world, reactions, { actor: call.actor, content })
      return call.json(renderReaction(world, reaction), isNew ? 201 : 200)
    }),
    route(`DELETE ${path}/:reaction`, need, (call) => {
      const reactions = toChange(call)
      const index = reactions.findIndex(({ id }) => id === call.number('reaction'))
      const isOwn = reactions[index]?.account === call.actor.account
      if (index < 0 || !isOwn) throw notFound()
      reactions.splice(index, 1)
      return call.noContent()
    }),
  ]
}

/** Adds a reaction; a second one of the same kind by the same account changes nothing. */
function addReaction(
  world: World,
  reactions: ReactionRecord[],
  { actor, content }: { readonly actor: Actor; readonly content: string },
): { readonly reaction: ReactionRecord; readonly isNew: boolean } {
  if (!isReaction(content)) throw new ApiError(422, 'Invalid request.\n\ncontent is not a reaction.')
  const known = reactions.find((item) => item.account === actor.account && item.content === content)
  if (known) return { reaction: known, isNew: false }
  const reaction = { id: world.nextId(), account: actor.account, content, createdAt: world.now() }
  reactions.push(reaction)
  return { reaction, isNew: true }
}

/** GitHub's `reaction`. */
function renderReaction(world: World, reaction: ReactionRecord) {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: renderAccount(world, reaction.account),
    content: reaction.content,
    created_at: isoSeconds(reaction.createdAt),
  }
}

/** Is this one of the eight reactions that GitHub has? */
function isReaction(content: string): boolean {
  return CONTENTS.some((known) => known === content)
}
