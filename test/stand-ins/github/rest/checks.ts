import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { objectType } from '../git/read-objects.ts'
import { resolveCommit } from '../git/references.ts'
import type { CheckRunRecord, RepositoryRecord, StatusRecord } from '../records.ts'
import { isoSeconds, type World } from '../world.ts'
import { renderApp } from './app.ts'
import {
  nodeId,
  renderAccount,
  renderMinimalRepository,
  repositoryPage,
  repositoryUrl,
} from './render-repository.ts'
import { NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

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
export function checkRoutes(world: World): readonly Route[] {
  return [
    route(`POST ${REPOSITORY}/check-runs`, NEEDS.writeChecks, async (call) => {
      const { repository } = call
      if (call.caller.kind !== 'installation')
        throw new ApiError(403, 'You must authenticate via a GitHub App.')
      const body = await call.body(NewCheck)
      await requireCommit(repository, body.head_sha)
      const check = newCheck(world, body)
      repository.checkRuns.push(check)
      return call.json(renderCheck(world, repository, check), 201)
    }),
    route(`GET ${REPOSITORY}/check-runs/:id`, NEEDS.readChecks, (call) =>
      renderCheck(world, call.repository, checkIn(call)),
    ),
    route(`PATCH ${REPOSITORY}/check-runs/:id`, NEEDS.writeChecks, async (call) => {
      const { repository } = call
      const check = checkIn(call)
      applyChange(world, check, await call.body(CheckChange))
      return renderCheck(world, repository, check)
    }),
    route(`GET ${REPOSITORY}/commits/:ref/check-runs`, NEEDS.readChecks, async (call) => {
      const { repository } = call
      const sha = await resolveCommit(repository, call.param('ref'))
      const runs = repository.checkRuns.filter(({ headSha }) => headSha === sha)
      return {
        total_count: runs.length,
        check_runs: call.page(runs).map((check) => renderCheck(world, repository, check)),
      }
    }),
    route(`POST ${REPOSITORY}/statuses/:sha`, NEEDS.writeStatuses, async (call) => {
      const { repository } = call
      await requireCommit(repository, call.param('sha'))
      const body = await call.body(NewStatus)
      const status = {
        id: world.nextId(),
        sha: call.param('sha'),
        state: body.state,
        context: body.context ?? 'default',
        description: body.description ?? null,
        targetUrl: body.target_url ?? null,
        creator: call.actor.account,
        createdAt: world.now(),
      }
      repository.statuses.push(status)
      const creator = renderAccount(world, status.creator)
      return call.json({ ...renderStatus(world, repository, status), creator }, 201)
    }),
    route(`GET ${REPOSITORY}/commits/:ref/status`, NEEDS.readContents, combinedStatus),
  ]
}

async function combinedStatus(call: RepositoryCall): Promise<object> {
  const { world, repository } = call
  const sha = await resolveCommit(repository, call.param('ref'))
  if (sha === undefined) throw notFound()
  const latest = new Map(
    repository.statuses.filter((status) => status.sha === sha).map((status) => [status.context, status]),
  )
  const states = [...latest.values()].map(({ state }) => state)
  const failed = states.some((state) => state === 'failure' || state === 'error')
  const pending = states.length === 0 || states.includes('pending')
  return {
    state: failed ? 'failure' : pending ? 'pending' : 'success',
    statuses: [...latest.values()].map((status) => renderStatus(world, repository, status)),
    sha,
    total_count: states.length,
    repository: renderMinimalRepository(world, repository),
    commit_url: `${repositoryUrl(world, repository)}/commits/${sha}`,
    url: `${repositoryUrl(world, repository)}/commits/${sha}/status`,
  }
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

function checkIn(call: RepositoryCall): CheckRunRecord {
  const check = call.repository.checkRuns.find(({ id }) => id === call.number('id'))
  if (!check) throw notFound()
  return check
}

async function requireCommit(repository: RepositoryRecord, sha: string): Promise<void> {
  if ((await objectType(repository, sha)) !== 'commit') {
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
