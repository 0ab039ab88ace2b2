import { Hono } from 'hono'
import { z } from 'zod'
import { attachLabels, createIssue, detachLabel, emitIssue, labelNamed, setState } from '../actions/issues.ts'
import { notFound, validationFailed } from '../api-error.ts'
import { hasRole, requireNeed } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import type { IssueRecord } from '../records.ts'
import { renderIssue, renderLabel } from '../render/render-issue.ts'
import { accountOf, type World } from '../world.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  numberParam,
  onePage,
  openRepository,
  param,
  readBody,
} from './route.ts'

const LabelNames = z.array(z.union([z.string(), z.object({ name: z.string() })]))

const NewIssueBody = z.object({
  title: z.union([z.string(), z.number()]),
  body: z.string().nullish(),
  labels: LabelNames.optional(),
  assignees: z.array(z.string()).optional(),
})

const IssueChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.string().nullish(),
  labels: LabelNames.optional(),
  assignees: z.array(z.string()).optional(),
})

const LabelList = z.union([LabelNames, z.object({ labels: LabelNames })])

const NewLabel = z.object({
  name: z.string(),
  color: z.string().optional(),
  description: z.string().nullish(),
})

/** Issues and labels. */
export function issueRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/repos/:owner/:repo/issues', (c) =>
    c.json(onePage(c, listIssues(world, c)).map((issue) => renderIssue(world, issue))),
  )
  api.post('/repos/:owner/:repo/issues', async (c) => {
    const repository = openRepository(world, c, NEEDS.writeIssues)
    const actor = actorOf(c.get('caller'))
    const body = await readBody(c, NewIssueBody)
    // As on GitHub: without triage rights labels and assignees are dropped in silence.
    const mayTriage = actor.viaApp || hasRole(repository, actor.account, 'triage')
    const issue = createIssue(world, repository, {
      actor,
      title: String(body.title),
      body: body.body ?? null,
      labels: mayTriage ? names(body.labels) : [],
    })
    if (mayTriage) issue.assignees = (body.assignees ?? []).map((login) => accountOf(world, login))
    return c.json(renderIssue(world, issue), 201)
  })
  api.get('/repos/:owner/:repo/issues/:number', (c) => c.json(renderIssue(world, issueIn(world, c, 'read'))))
  api.patch('/repos/:owner/:repo/issues/:number', async (c) => {
    const issue = issueIn(world, c, 'triage')
    await changeIssue(world, c, issue)
    return c.json(renderIssue(world, issue))
  })
  addLabelRoutes(world, api)
  return api
}

function addLabelRoutes(world: World, api: Hono<ApiEnv>): void {
  const path = '/repos/:owner/:repo/issues/:number/labels'
  const labelsOf = (issue: IssueRecord) =>
    issue.labels.map((label) => renderLabel(world, issue.repository, label))
  api.get(path, (c) => c.json(onePage(c, labelsOf(issueIn(world, c, 'read')))))
  api.post(path, async (c) => {
    const issue = issueIn(world, c, 'triage')
    const body = await readBody(c, LabelList)
    attachLabels(world, issue, {
      actor: actorOf(c.get('caller')),
      names: names('labels' in body ? body.labels : body),
    })
    return c.json(labelsOf(issue))
  })
  api.delete(`${path}/:name`, (c) => {
    const issue = issueIn(world, c, 'triage')
    detachLabel(world, issue, { actor: actorOf(c.get('caller')), name: param(c, 'name') })
    return c.json(labelsOf(issue))
  })
  api.get('/repos/:owner/:repo/labels', (c) => {
    const repository = openRepository(world, c, NEEDS.readIssues)
    return c.json(
      onePage(c, [...repository.labels.values()]).map((label) => renderLabel(world, repository, label)),
    )
  })
  api.post('/repos/:owner/:repo/labels', async (c) => {
    const repository = openRepository(world, c, NEEDS.triageIssues)
    const { name, color, description } = await readBody(c, NewLabel)
    if (repository.labels.has(name.toLowerCase())) {
      throw validationFailed('Label', { code: 'already_exists', field: 'name' })
    }
    return c.json(
      renderLabel(world, repository, labelNamed(world, repository, name, { color, description })),
      201,
    )
  })
  api.get('/repos/:owner/:repo/labels/:name', (c) => {
    const repository = openRepository(world, c, NEEDS.readIssues)
    const label = repository.labels.get(param(c, 'name').toLowerCase())
    if (!label) throw notFound()
    return c.json(renderLabel(world, repository, label))
  })
}

/** The issue or pull request that the path names, for reading it, discussing it, or changing it. */
export function issueIn(world: World, c: ApiContext, purpose: 'read' | 'discuss' | 'triage'): IssueRecord {
  const repository = openRepository(world, c, NEEDS.readIssues)
  const issue = repository.issues.get(numberParam(c, 'number'))
  if (!issue) throw notFound()
  if (purpose !== 'read') {
    const isOwn = actorOf(c.get('caller')).account === issue.author.account
    const need =
      purpose === 'triage' && !isOwn
        ? NEEDS.triageIssues
        : issue.pull
          ? NEEDS.discussPulls
          : NEEDS.writeIssues
    requireNeed(world, c.get('caller'), { repository, need })
  }
  return issue
}

function listIssues(world: World, c: ApiContext): IssueRecord[] {
  const repository = openRepository(world, c, NEEDS.readIssues)
  const state = c.req.query('state') ?? 'open'
  const labels = (c.req.query('labels') ?? '').split(',').filter((name) => name !== '')
  const since = Date.parse(c.req.query('since') ?? '') || 0
  const creator = c.req.query('creator')?.toLowerCase()
  return [...repository.issues.values()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) =>
      labels.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())),
    )
    .filter((issue) => issue.updatedAt >= since)
    .filter((issue) => creator === undefined || issue.author.account.login.toLowerCase() === creator)
    .sort((a, b) => (c.req.query('direction') === 'asc' ? a.number - b.number : b.number - a.number))
}

async function changeIssue(world: World, c: ApiContext, issue: IssueRecord): Promise<void> {
  const actor = actorOf(c.get('caller'))
  const change = await readBody(c, IssueChange)
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
  if (change.assignees !== undefined)
    issue.assignees = change.assignees.map((login) => accountOf(world, login))
  if (change.labels !== undefined) {
    const wanted = names(change.labels)
    for (const { name } of [...issue.labels]) {
      if (!wanted.includes(name)) detachLabel(world, issue, { actor, name })
    }
    attachLabels(world, issue, { actor, names: wanted })
  }
  if (change.state !== undefined)
    setState(world, issue, { actor, state: change.state, reason: change.state_reason ?? null })
}

function names(labels: z.infer<typeof LabelNames> | undefined): string[] {
  return (labels ?? []).map((label) => (typeof label === 'string' ? label : label.name))
}
