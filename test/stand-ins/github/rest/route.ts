import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { z } from 'zod'
import { ApiError } from '../api-error.ts'
import { isEmpty } from '../git/read-objects.ts'
import { type Need, requireNeed, visibleRepository } from '../identity/access.ts'
import type { Caller } from '../identity/caller.ts'
import type { RepositoryRecord } from '../records.ts'
import type { World } from '../world.ts'

export interface ApiEnv {
  Bindings: HttpBindings
  Variables: { caller: Caller }
}

export type ApiContext = Context<ApiEnv>

/** What requests need, by what they touch. */
export const NEEDS = {
  metadata: { permissions: ['metadata', 'contents', 'issues', 'pull_requests'], level: 'read', role: 'read' },
  readContents: { permissions: ['contents'], level: 'read', role: 'read' },
  writeContents: { permissions: ['contents'], level: 'write', role: 'write' },
  readIssues: { permissions: ['issues', 'pull_requests'], level: 'read', role: 'read' },
  writeIssues: { permissions: ['issues'], level: 'write', role: 'read' },
  /** Comments and reactions: on a pull request its own permission does as well. */
  discussPulls: { permissions: ['issues', 'pull_requests'], level: 'write', role: 'read' },
  triageIssues: { permissions: ['issues', 'pull_requests'], level: 'write', role: 'triage' },
  readPulls: { permissions: ['pull_requests'], level: 'read', role: 'read' },
  writePulls: { permissions: ['pull_requests'], level: 'write', role: 'read' },
  readChecks: { permissions: ['checks'], level: 'read', role: 'read' },
  writeChecks: { permissions: ['checks'], level: 'write', role: 'write' },
  writeStatuses: { permissions: ['statuses'], level: 'write', role: 'write' },
} as const satisfies Record<string, Need>

/** The repository that the path names, if the caller may see it and has what is needed. */
export function openRepository(world: World, c: ApiContext, need: Need): RepositoryRecord {
  const caller = c.get('caller')
  const place = { owner: param(c, 'owner'), name: param(c, 'repo') }
  const repository = visibleRepository(world, caller, place)
  requireNeed(world, caller, { repository, need })
  return repository
}

/** The same for the Git Data API. @throws {ApiError} 409 when the repository is empty (or a fork is not ready). */
export async function openGitRepository(world: World, c: ApiContext, need: Need): Promise<RepositoryRecord> {
  const repository = openRepository(world, c, need)
  if (repository.readyAt > world.now() || (await isEmpty(world.git, repository.path))) {
    throw new ApiError(409, 'Git Repository is empty.')
  }
  return repository
}

/** A path parameter, decoded. */
export function param(c: ApiContext, name: string): string {
  return c.req.param(name) ?? ''
}

/** A numeric path parameter; NaN finds nothing, which is a 404. */
export function numberParam(c: ApiContext, name: string): number {
  return Number(param(c, name))
}

/** Reads the JSON body. @throws {ApiError} 400 when it is not JSON, 422 when it does not fit. */
export async function readBody<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text()
  const parsed = schema.safeParse(parseJson(text === '' ? '{}' : text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  const missing = issue?.code === 'invalid_type' && issue.message.includes('undefined')
  throw new ApiError(
    422,
    missing
      ? `Invalid request.\n\n"${field}" wasn't supplied.`
      : `Invalid request.\n\nFor '${field}': ${issue?.message}`,
  )
}

/** One page of a list, with `Link` to the others. */
export function onePage<T>(c: ApiContext, items: readonly T[]): readonly T[] {
  const size = Math.min(100, Math.max(1, Number(c.req.query('per_page') ?? 30) || 30))
  const page = Math.max(1, Number(c.req.query('page') ?? 1) || 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const links = [
    ...(page > 1 ? [link(c, page - 1, 'prev'), link(c, 1, 'first')] : []),
    ...(page < last ? [link(c, page + 1, 'next'), link(c, last, 'last')] : []),
  ]
  if (links.length > 0) c.header('link', links.join(', '))
  return items.slice((page - 1) * size, page * size)
}

/** Does the caller ask for another form than JSON, such as `diff`, `raw` or `sha`? */
export function wantsMedia(c: ApiContext, name: string): boolean {
  return new RegExp(`application/vnd\\.github(\\.v3)?\\.${name}(\\+json)?`).test(c.req.header('accept') ?? '')
}

function link(c: ApiContext, page: number, rel: string): string {
  const url = new URL(c.req.url)
  url.searchParams.set('page', String(page))
  return `<${url.toString()}>; rel="${rel}"`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'Problems parsing JSON')
  }
}
