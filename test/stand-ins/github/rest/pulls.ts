import { Hono } from 'hono'
import { z } from 'zod'
import { emitIssue, setState } from '../actions/issues.ts'
import { addReviewComment, createPull, submitReview } from '../actions/pulls.ts'
import { notFound, validationFailed } from '../api-error.ts'
import { readReference } from '../git/bare-repository.ts'
import { commitsBetween, diffFiles, diffText } from '../git/read-objects.ts'
import { requireNeed } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import type { RepositoryRecord } from '../records.ts'
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
import { chosenComments } from './comments.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  numberParam,
  onePage,
  openRepository,
  readBody,
  wantsMedia,
} from './route.ts'

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
export function pullRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  const pulls = '/repos/:owner/:repo/pulls'
  api.get(pulls, (c) =>
    c.json(onePage(c, listPulls(world, c)).map((issue) => renderSimplePull(world, issue))),
  )
  api.post(pulls, async (c) => {
    const repository = openRepository(world, c, NEEDS.writePulls)
    const body = await readBody(c, NewPullBody)
    const issue = await createPull(world, repository, {
      actor: actorOf(c.get('caller')),
      title: body.title,
      body: body.body ?? null,
      head: body.head,
      base: body.base,
      draft: body.draft ?? false,
      maintainerCanModify: body.maintainer_can_modify ?? true,
    })
    c.header('location', pullUrl(world, issue))
    return c.json(await renderPull(world, issue), 201)
  })
  api.get(`${pulls}/:number`, async (c) => {
    const issue = pullIn(world, c)
    if (wantsMedia(c, 'diff')) {
      return c.text(await diffText(world.git, issue.repository.path, await pullRange(world, issue)))
    }
    return c.json(await renderPull(world, issue))
  })
  api.patch(`${pulls}/:number`, async (c) => {
    const issue = pullIn(world, c)
    const isOwn = actorOf(c.get('caller')).account === issue.author.account
    const need = isOwn ? NEEDS.writePulls : ({ ...NEEDS.writePulls, role: 'write' } as const)
    requireNeed(world, c.get('caller'), { repository: issue.repository, need })
    await changePull(world, c, issue)
    return c.json(await renderPull(world, issue))
  })
  api.get(`${pulls}/:number/files`, async (c) => {
    const issue = pullIn(world, c)
    const range = await pullRange(world, issue)
    const files = await diffFiles(world.git, issue.repository.path, range)
    return c.json(
      onePage(c, files).map((file) => renderFile(world, issue.repository, { file, ref: range.to })),
    )
  })
  api.get(`${pulls}/:number/commits`, async (c) => {
    const issue = pullIn(world, c)
    const shas = await commitsBetween(world.git, issue.repository.path, await pullRange(world, issue))
    return c.json(await renderCommits(world, issue.repository, onePage(c, shas)))
  })
  return api
}

/** The pull request that the path names. */
function pullIn(world: World, c: ApiContext): PullIssue {
  const repository = openRepository(world, c, NEEDS.readPulls)
  const issue = repository.issues.get(numberParam(c, 'number'))
  if (!issue || !isPull(issue)) throw notFound()
  return issue
}

function listPulls(world: World, c: ApiContext): PullIssue[] {
  const repository = openRepository(world, c, NEEDS.readPulls)
  const state = c.req.query('state') ?? 'open'
  const head = c.req.query('head')
  const base = c.req.query('base')
  const matchesHead = ({ pull }: PullIssue) =>
    head === undefined ||
    `${pull.head.repository.owner.login}:${pull.head.branch}`.toLowerCase() === head.toLowerCase()
  return pullsOf(repository)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => matchesHead(issue) && (base === undefined || issue.pull.base.branch === base))
    .sort((a, b) => (c.req.query('direction') === 'asc' ? a.number - b.number : b.number - a.number))
}

async function changePull(world: World, c: ApiContext, issue: PullIssue): Promise<void> {
  const actor = actorOf(c.get('caller'))
  const change = await readBody(c, PullChange)
  if (change.base !== undefined && change.base !== issue.pull.base.branch) {
    const reference = await readReference(world.git, issue.repository.path, `refs/heads/${change.base}`)
    if (!reference) throw validationFailed('PullRequest', { field: 'base', code: 'invalid' })
    issue.pull.base = { branch: change.base, sha: reference.sha }
  }
  if (change.title !== undefined || change.body !== undefined) {
    const changes = {
      ...(change.title === undefined ? {} : { title: { from: issue.title } }),
      ...(change.body === undefined ? {} : { body: { from: issue.body ?? '' } }),
    }
    issue.title = change.title ?? issue.title
    if (change.body !== undefined) issue.body = change.body
    issue.updatedAt = world.now()
    emitIssue(world, issue, { actor, action: 'edited', extra: { changes } })
  }
  if (change.state !== undefined) setState(world, issue, { actor, state: change.state })
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
