import { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { isoSeconds } from '../git/commits.ts'
import { objectType, resolveCommit } from '../git/read-objects.ts'
import { actorOf } from '../identity/caller.ts'
import type { CheckRunRecord, RepositoryRecord, StatusRecord } from '../records.ts'
import { nodeId, renderAccount, renderApp } from '../render/render-account.ts'
import { renderMinimalRepository, repositoryPage, repositoryUrl } from '../render/render-repository.ts'
import type { World } from '../world.ts'
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

const CheckChange = z.object({
  name: z.string().optional(),
  status: z.enum(['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']).optional(),
  conclusion: z
    .enum(['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'stale', 'timed_out'])
    .optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  started_at: z.string().optional(),
  completed_at: z.string().optional(),
  output: z
    .object({ title: z.string().optional(), summary: z.string().optional(), text: z.string().optional() })
    .optional(),
})

const NewCheck = CheckChange.extend({ name: z.string(), head_sha: z.string() })

const NewStatus = z.object({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  target_url: z.string().nullish(),
  description: z.string().nullish(),
  context: z.string().optional(),
})

/** Check runs (Apps only) and commit statuses. */
export function checkRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  const base = '/repos/:owner/:repo'
  api.post(`${base}/check-runs`, async (c) => {
    const repository = openRepository(world, c, NEEDS.writeChecks)
    if (c.get('caller').kind !== 'installation')
      throw new ApiError(403, 'You must authenticate via a GitHub App.')
    const body = await readBody(c, NewCheck)
    await requireCommit(world, repository, body.head_sha)
    const check = newCheck(world, body)
    repository.checkRuns.push(check)
    return c.json(renderCheck(world, repository, check), 201)
  })
  api.get(`${base}/check-runs/:id`, (c) =>
    c.json(renderCheck(world, openRepository(world, c, NEEDS.readChecks), checkIn(world, c))),
  )
  api.patch(`${base}/check-runs/:id`, async (c) => {
    const repository = openRepository(world, c, NEEDS.writeChecks)
    const check = checkIn(world, c)
    applyChange(world, check, await readBody(c, CheckChange))
    return c.json(renderCheck(world, repository, check))
  })
  api.get(`${base}/commits/:ref/check-runs`, async (c) => {
    const repository = openRepository(world, c, NEEDS.readChecks)
    const sha = await resolveCommit(world.git, repository.path, param(c, 'ref'))
    const runs = repository.checkRuns.filter(({ headSha }) => headSha === sha)
    return c.json({
      total_count: runs.length,
      check_runs: onePage(c, runs).map((check) => renderCheck(world, repository, check)),
    })
  })
  api.post(`${base}/statuses/:sha`, async (c) => {
    const repository = openRepository(world, c, NEEDS.writeStatuses)
    await requireCommit(world, repository, param(c, 'sha'))
    const body = await readBody(c, NewStatus)
    const status = {
      id: world.nextId(),
      sha: param(c, 'sha'),
      state: body.state,
      context: body.context ?? 'default',
      description: body.description ?? null,
      targetUrl: body.target_url ?? null,
      creator: actorOf(c.get('caller')).account,
      createdAt: world.now(),
    }
    repository.statuses.push(status)
    const creator = renderAccount(world, status.creator)
    return c.json({ ...renderStatus(world, repository, status), creator }, 201)
  })
  api.get(`${base}/commits/:ref/status`, (c) => combinedStatus(world, c))
  return api
}

async function combinedStatus(world: World, c: ApiContext): Promise<Response> {
  const repository = openRepository(world, c, NEEDS.readContents)
  const sha = await resolveCommit(world.git, repository.path, param(c, 'ref'))
  if (sha === undefined) throw notFound()
  const latest = new Map(
    repository.statuses.filter((status) => status.sha === sha).map((status) => [status.context, status]),
  )
  const states = [...latest.values()].map(({ state }) => state)
  const failed = states.some((state) => state === 'failure' || state === 'error')
  const pending = states.length === 0 || states.includes('pending')
  return c.json({
    state: failed ? 'failure' : pending ? 'pending' : 'success',
    statuses: [...latest.values()].map((status) => renderStatus(world, repository, status)),
    sha,
    total_count: states.length,
    repository: renderMinimalRepository(world, repository),
    commit_url: `${repositoryUrl(world, repository)}/commits/${sha}`,
    url: `${repositoryUrl(world, repository)}/commits/${sha}/status`,
  })
}

function newCheck(world: World, body: z.infer<typeof NewCheck>): CheckRunRecord {
  const check: CheckRunRecord = {
    id: world.nextId(),
    headSha: body.head_sha,
    name: body.name,
    status: 'queued',
    conclusion: null,
    detailsUrl: null,
    externalId: null,
    startedAt: world.now(),
    completedAt: undefined,
    output: { title: null, summary: null, text: null },
  }
  applyChange(world, check, body)
  return check
}

function applyChange(world: World, check: CheckRunRecord, change: z.infer<typeof CheckChange>): void {
  if (change.status === 'completed' && change.conclusion === undefined && check.conclusion === null) {
    throw new ApiError(
      422,
      'Invalid request.\n\nMissing required field "conclusion" for a completed check run.',
    )
  }
  check.name = change.name ?? check.name
  check.conclusion = change.conclusion ?? check.conclusion
  check.status = change.conclusion === undefined ? (change.status ?? check.status) : 'completed'
  check.detailsUrl = change.details_url ?? check.detailsUrl
  check.externalId = change.external_id ?? check.externalId
  if (change.started_at !== undefined) check.startedAt = Date.parse(change.started_at)
  if (check.status === 'completed') check.completedAt = Date.parse(change.completed_at ?? '') || world.now()
  const { title, summary, text } = { ...check.output, ...change.output }
  check.output = { title: title ?? null, summary: summary ?? null, text: text ?? null }
}

function checkIn(world: World, c: ApiContext): CheckRunRecord {
  const repository = openRepository(world, c, NEEDS.readChecks)
  const check = repository.checkRuns.find(({ id }) => id === numberParam(c, 'id'))
  if (!check) throw notFound()
  return check
}

async function requireCommit(world: World, repository: RepositoryRecord, sha: string): Promise<void> {
  if ((await objectType(world.git, repository.path, sha)) !== 'commit') {
    throw new ApiError(422, `No commit found for SHA: ${sha}`)
  }
}

function renderCheck(world: World, repository: RepositoryRecord, check: CheckRunRecord) {
  const url = `${repositoryUrl(world, repository)}/check-runs/${check.id}`
  const page = `${repositoryPage(world, repository)}/runs/${check.id}`
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId('CR', check.id),
    head_sha: check.headSha,
    external_id: check.externalId ?? '',
    url,
    html_url: page,
    details_url: check.detailsUrl ?? page,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt === undefined ? null : isoSeconds(check.startedAt),
    completed_at: check.completedAt === undefined ? null : isoSeconds(check.completedAt),
    output: { ...check.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: check.id },
    app: renderApp(world),
    pull_requests: [],
  }
}

function renderStatus(world: World, repository: RepositoryRecord, status: StatusRecord) {
  return {
    url: `${repositoryUrl(world, repository)}/statuses/${status.sha}`,
    avatar_url: `${world.url}/avatars/u/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: isoSeconds(status.createdAt),
    updated_at: isoSeconds(status.createdAt),
  }
}
