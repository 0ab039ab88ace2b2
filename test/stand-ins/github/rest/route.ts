import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { z } from 'zod'
import { ApiError } from '../api-error.ts'
import { actorOf, type Caller, type Need, requireNeed, visibleRepository } from '../caller.ts'
import { isEmpty } from '../git/references.ts'
import type { Actor, RepositoryRecord } from '../records.ts'
import type { World } from '../world.ts'

export interface ApiEnv {
  Bindings: HttpBindings
  Variables: { caller: Caller }
}

type ApiContext = Context<ApiEnv>

/** One operation of the REST API. */
export interface Route {
  readonly method: string
  readonly path: string
  answer(world: World, c: ApiContext): Promise<Response>
}

type Operation = `${'GET' | 'POST' | 'PATCH' | 'DELETE'} /${string}`

/** A `Response`, or an object that is sent as JSON with status 200. */
type Reply = object

export const REPOSITORY = '/repos/:owner/:repo'

/** What operations need, by what they touch. */
export const NEEDS = {
  metadata: { permissions: ['metadata', 'contents', 'issues', 'pull_requests'], level: 'read', role: 'read' },
  readContents: { permissions: ['contents'], level: 'read', role: 'read' },
  writeContents: { permissions: ['contents'], level: 'write', role: 'write' },
  readIssues: { permissions: ['issues', 'pull_requests'], level: 'read', role: 'read' },
  writeIssues: { permissions: ['issues'], level: 'write', role: 'read' },
  /** Comments and reactions: on a pull request, its own permission is enough. */
  discussPulls: { permissions: ['issues', 'pull_requests'], level: 'write', role: 'read' },
  triageIssues: { permissions: ['issues', 'pull_requests'], level: 'write', role: 'triage' },
  readPulls: { permissions: ['pull_requests'], level: 'read', role: 'read' },
  writePulls: { permissions: ['pull_requests'], level: 'write', role: 'read' },
  readChecks: { permissions: ['checks'], level: 'read', role: 'read' },
  writeChecks: { permissions: ['checks'], level: 'write', role: 'write' },
  writeStatuses: { permissions: ['statuses'], level: 'write', role: 'write' },
} as const satisfies Record<string, Need>

/**
 * An operation on the repository that `:owner/:repo` names.
 *
 * @param need is checked before the handler runs: 404 when the caller may not see the repository, 401, 403 or 404 when
 * it may not do this.
 */
export function route(
  operation: Operation,
  need: Need,
  handle: (call: RepositoryCall) => Reply | Promise<Reply>,
): Route {
  return operationOf(operation, (world, c) => {
    const call = new RepositoryCall(world, c)
    call.require(need)
    return handle(call)
  })
}

/** The same for the Git Data API, which answers 409 when the repository is empty (or a fork is not ready). */
export function gitRoute(
  operation: Operation,
  need: Need,
  handle: (call: RepositoryCall) => Reply | Promise<Reply>,
): Route {
  return route(operation, need, async (call) => {
    const { world, repository } = call
    if (repository.readyAt > world.now() || isEmpty(repository)) {
      throw new ApiError(409, 'Git Repository is empty.')
    }
    return handle(call)
  })
}

/** An operation for the App itself. The caller must present the App's JSON web token: 401 otherwise. */
export function appRoute(operation: Operation, handle: (call: Call) => Reply | Promise<Reply>): Route {
  return operationOf(operation, (world, c) => {
    const call = new Call(world, c)
    if (call.caller.kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded')
    return handle(call)
  })
}

/** An operation outside any repository, whose handler checks the caller. */
export function openRoute(operation: Operation, handle: (call: Call) => Reply | Promise<Reply>): Route {
  return operationOf(operation, (world, c) => handle(new Call(world, c)))
}

function operationOf(
  operation: Operation,
  handle: (world: World, c: ApiContext) => Reply | Promise<Reply>,
): Route {
  const [method = '', path = ''] = operation.split(' ')
  return {
    method,
    path,
    async answer(world, c) {
      const reply = await handle(world, c)
      return reply instanceof Response ? reply : c.json(reply)
    },
  }
}

/** One request of an operation: who asks, what for, and the forms of an answer. */
export class Call {
  readonly world: World
  readonly #c: ApiContext

  constructor(world: World, c: ApiContext) {
    this.world = world
    this.#c = c
  }

  get caller(): Caller {
    return this.#c.get('caller')
  }

  /** The person or bot for whom the caller acts. @throws {ApiError} 401 without one, 403 for the App itself. */
  get actor(): Actor {
    return actorOf(this.caller)
  }

  get authorization(): string | undefined {
    return this.#c.req.header('authorization')
  }

  /** A path parameter, decoded. */
  param(name: string): string {
    return this.#c.req.param(name) ?? ''
  }

  /** A numeric path parameter; NaN finds nothing, which is a 404. */
  number(name: string): number {
    return Number(this.param(name))
  }

  query(name: string): string | undefined {
    return this.#c.req.query(name)
  }

  /** Does the caller ask for another form than JSON, such as `diff`, `raw` or `sha`? */
  wants(media: string): boolean {
    const accept = this.#c.req.header('accept') ?? ''
    return new RegExp(`application/vnd\\.github(\\.v3)?\\.${media}(\\+json)?`).test(accept)
  }

  /** Reads the JSON body. @throws {ApiError} 400 when it is not JSON, 422 when it does not fit. */
  async body<T>(schema: z.ZodType<T>): Promise<T> {
    const text = await this.#c.req.text()
    const parsed = schema.safeParse(parseJson(text === '' ? '{}' : text))
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    const field = issue?.path.join('.') ?? ''
    const missing = issue?.code === 'invalid_type' && issue.message.includes('undefined')
    const problem = missing ? `"${field}" wasn't supplied.` : `For '${field}': ${issue?.message}`
    throw new ApiError(422, `Invalid request.\n\n${problem}`)
  }

  /** One page of a list, with `Link` to the others. */
  page<T>(items: readonly T[]): readonly T[] {
    const size = Math.min(100, Math.max(1, Number(this.query('per_page') ?? 30) || 30))
    const page = Math.max(1, Number(this.query('page') ?? 1) || 1)
    const last = Math.max(1, Math.ceil(items.length / size))
    const link = (number: number, rel: string) => this.link({ page: number }, rel)
    const links = [
      ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
      ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ]
    if (links.length > 0) this.header('link', links.join(', '))
    return items.slice((page - 1) * size, page * size)
  }

  /** This request's address with another query, as the `Link` header has it. */
  link(query: Readonly<Record<string, number>>, rel: string): string {
    const url = new URL(this.#c.req.url)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    return `<${url.toString()}>; rel="${rel}"`
  }

  header(name: string, value: string): void {
    this.#c.header(name, value)
  }

  json(value: object, status: 200 | 201 | 202): Response {
    return this.#c.json(value, status)
  }

  text(text: string): Response {
    return this.#c.text(text)
  }

  bytes(bytes: Uint8Array): Response {
    return this.#c.body(new Uint8Array(bytes))
  }

  noContent(): Response {
    return this.#c.body(null, 204)
  }
}

/** A request about the repository in its path. @throws {ApiError} 404 when the caller may not see it. */
export class RepositoryCall extends Call {
  readonly repository: RepositoryRecord

  constructor(world: World, c: ApiContext) {
    super(world, c)
    const place = { owner: this.param('owner'), name: this.param('repo') }
    this.repository = visibleRepository(world, this.caller, place)
  }

  /** Checks that the caller may do this. @throws {ApiError} 401, 403 or 404, as `requireNeed` says. */
  require(need: Need): void {
    requireNeed(this.world, this.caller, { repository: this.repository, need })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'Problems parsing JSON')
  }
}
