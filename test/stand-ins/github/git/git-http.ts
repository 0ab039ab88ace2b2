import { buffer } from 'node:stream/consumers'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { actorOf, type Caller, covers, isAllowed, isVisible, type Need } from '../caller.ts'
import type { RepositoryRecord } from '../records.ts'
import { branchMoved } from '../rest/pulls.ts'
import { findRepository, type World } from '../world.ts'
import { createLfs } from './lfs.ts'
import { listReferences } from './references.ts'

interface GitEnv {
  Bindings: HttpBindings
  Variables: { caller: Caller }
}

type GitContext = Context<GitEnv>

const READ: Need = { permissions: ['contents'], level: 'read', role: 'read' }

const WRITE: Need = { permissions: ['contents'], level: 'write', role: 'write' }

/** Clone, fetch and push: `git http-backend` behind GitHub's rules about who may. */
export function gitRoutes(world: World): Hono<GitEnv> {
  const app = new Hono<GitEnv>()
  app.get('/:owner/:repo/info/refs', (c) => serve(world, c, c.req.query('service') ?? ''))
  app.post('/:owner/:repo/git-upload-pack', (c) => serve(world, c, 'git-upload-pack'))
  app.post('/:owner/:repo/git-receive-pack', (c) => serve(world, c, 'git-receive-pack'))
  const lfs = createLfs(world)
  app.post('/:owner/:repo/info/lfs/objects/batch', (c) => lfs.batch(c, (push) => visit(world, c, push)))
  app.put('/lfs-storage/:oid', (c) => lfs.store(c))
  app.get('/lfs-storage/:oid', (c) => lfs.fetch(c))
  app.post('/lfs-verify/:oid', (c) => lfs.verify(c))
  return app
}

function visit(world: World, c: GitContext, push: boolean) {
  const caller = c.get('caller')
  const name = (c.req.param('repo') ?? '').replace(/\.git$/, '')
  const repository = findRepository(world, c.req.param('owner') ?? '', name)
  const refusal = refuse(world, c, { caller, repository, push })
  return refusal || !repository ? { refusal: refusal ?? notFound(c) } : { repository, caller }
}

async function serve(world: World, c: GitContext, service: string): Promise<Response> {
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack')
    return c.text('Please upgrade your git client.', 403)
  const push = service === 'git-receive-pack'
  const visited = visit(world, c, push)
  return 'refusal' in visited ? visited.refusal : runBackend(world, c, { ...visited, push })
}

interface Visit {
  readonly caller: Caller
  readonly push: boolean
}

function refuse(
  world: World,
  c: GitContext,
  { caller, repository, push }: Visit & { repository: RepositoryRecord | undefined },
): Response | undefined {
  const visible = repository !== undefined && isVisible(world, caller, repository)
  // An anonymous caller is asked to log in, whether or not the repository exists.
  if (caller.kind === 'anonymous' && (push || !visible)) {
    return c.text('Authentication required', 401, { 'www-authenticate': 'Basic realm="GitHub"' })
  }
  if (!visible) return notFound(c)
  if (repository.readyAt > world.now()) return notFound(c)
  if (!isAllowed(world, caller, { repository, need: READ })) return c.text('Repository access denied.', 403)
  if (!push) return undefined
  if (!isAllowed(world, caller, { repository, need: WRITE })) {
    const text =
      caller.kind === 'user'
        ? `Permission to ${repository.owner.login}/${repository.name}.git denied to ${caller.account.login}.`
        : 'Write access to repository not granted.'
    return c.text(text, 403)
  }
  return repository.archived ? c.text('This repository was archived so it is read-only.', 403) : undefined
}

function notFound(c: GitContext): Response {
  return c.text('Repository not found.', 404)
}

async function runBackend(
  world: World,
  c: GitContext,
  visit: Visit & { repository: RepositoryRecord },
): Promise<Response> {
  const { repository, caller, push } = visit
  const before = push ? await branchesOf(repository) : []
  const { stdout } = await world.git('/', ['http-backend'], {
    input: await buffer(c.env.incoming),
    env: environment(world, c, visit),
    accept: [0, 1, 128],
  })
  const { headers, status, body } = parseCgi(stdout)
  // The answer waits for the events of a push, so that a client which saw it succeed sees the pull request moved.
  if (push && c.req.method === 'POST') await followPush(world, { repository, caller, before })
  return new Response(new Uint8Array(body), { status, headers })
}

function environment(
  world: World,
  c: GitContext,
  { repository, caller, push }: Visit & { repository: RepositoryRecord },
): Record<string, string> {
  const { incoming } = c.env
  const url = new URL(incoming.url ?? '/', world.url)
  const header = (name: string) => String(incoming.headers[name] ?? '')
  const mayWorkflows =
    caller.kind === 'user'
      ? caller.token.scopes.includes('workflow')
      : caller.kind === 'installation' && covers(caller.token.permissions.workflows, 'write')
  return {
    GIT_PROJECT_ROOT: world.directory,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/repositories/${repository.id}.git${url.pathname.replace(/^\/[^/]+\/[^/]+/, '')}`,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: incoming.method ?? 'GET',
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_ADDR: '127.0.0.1',
    ...(header('content-length') === '' ? {} : { CONTENT_LENGTH: header('content-length') }),
    ...(push && caller.kind !== 'anonymous' && caller.kind !== 'app'
      ? { REMOTE_USER: caller.account.login }
      : {}),
    STANDIN_WORKFLOWS: mayWorkflows ? 'allowed' : 'refused',
  }
}

function parseCgi(answer: Buffer) {
  const end = answer.indexOf('\r\n\r\n')
  const headers = new Headers()
  let status = end < 0 ? 500 : 200
  for (const line of answer.subarray(0, Math.max(end, 0)).toString().split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? []
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else if (name !== '') headers.append(name, value)
  }
  return { headers, status, body: answer.subarray(end < 0 ? answer.length : end + 4) }
}

async function followPush(
  world: World,
  {
    repository,
    caller,
    before,
  }: { readonly repository: RepositoryRecord; readonly caller: Caller; readonly before: readonly Branch[] },
): Promise<void> {
  const after = await branchesOf(repository)
  const names = new Set([...before, ...after].map(({ ref }) => ref))
  for (const ref of names) {
    const [old, now] = [before, after].map((list) => list.find((branch) => branch.ref === ref)?.sha)
    if (old === now) continue
    await branchMoved(world, repository, { actor: actorOf(caller), branch: ref.slice('refs/heads/'.length) })
  }
}

interface Branch {
  readonly ref: string
  readonly sha: string
}

function branchesOf(repository: RepositoryRecord): Promise<Branch[]> {
  return listReferences(repository, 'refs/heads/')
}
