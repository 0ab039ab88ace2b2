import { Hono } from 'hono'
import { z } from 'zod'
import { emitIssue } from '../actions/emit-issue.ts'
import { setState } from '../actions/issues.ts'
import { createPull } from '../actions/pulls.ts'
import { notFound, validationFailed } from '../api-error.ts'
import { commitsBetween, diffFiles, diffText } from '../git/diff-files.ts'
import { readReference } from '../git/references.ts'
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
  renderSimplePull,
} from '../render/render-pull.ts'
import type { World } from '../world.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  numberParam,
  onePage,
  openRepository,
  readBody,
  wantsMedia,
} from './api-context.ts'

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
export function pullIn(world: World, c: ApiContext): PullIssue {
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
export function pullsOf(repository: RepositoryRecord): PullIssue[] {
  return [...repository.issues.values()].filter(isPull)
}
