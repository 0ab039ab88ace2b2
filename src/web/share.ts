import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import { readForm } from './access/login.ts'
import type { Permits } from './access/permits.ts'
import type { Share } from './access/share-store.ts'
import { type ShareBody, type ShareListBody, shareRequest } from './bodies.ts'
import { sharePage } from './pages/share-page.ts'
import type { ReadBody } from './read-body.ts'
import { prefersHtml, readJson } from './read-request.ts'
import type { RunReader } from './run-view.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

interface ShareDeps extends Pick<WebDeps, 'shares' | 'publicUrl'> {
  readonly reader: RunReader
  readonly permits: Permits
  readonly readBody: ReadBody
}

/** `GET /runs/:id/share`: the working links to a run, and the form that makes one. */
export async function answerShares(c: Context<WebEnv>, deps: ShareDeps): Promise<Response> {
  const run = await findOwn(c, deps)
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
  const links = await deps.shares.list(run.id)
  if (!prefersHtml(c)) return c.json({ links: links.map(linkBody) } satisfies ShareListBody)
  return c.html(await page(c, run, { links }))
}

/** `POST /runs/:id/share`: makes a link. Its address is shown once. */
export async function makeShare(c: Context<WebEnv>, deps: ShareDeps): Promise<Response> {
  const { shares, publicUrl } = deps
  const run = await findOwn(c, deps)
  const days = await readDays(c, deps.readBody)
  const { secret, share } = await shares.make(run.id, { caller: c.var.caller, days })
  const url = `${publicUrl()}/shared/${secret}`
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept')
  if (!prefersHtml(c)) return c.json({ ...linkBody(share), url } satisfies ShareBody, 201)
  return c.html(await page(c, run, { links: await shares.list(run.id), made: { id: share.id, url } }), 201)
}

/** `DELETE /runs/:id/share/:link`, and `POST /runs/:id/share/:link/revoke` for forms. */
export async function revokeShare(c: Context<WebEnv>, deps: ShareDeps): Promise<Response> {
  const run = await findOwn(c, deps)
  const link = c.req.param('link') ?? ''
  const revoked = await deps.shares.revoke({ id: link, runId: run.id }, c.var.caller)
  if (prefersHtml(c)) return c.redirect(`/runs/${run.id}/share`, 303)
  if (!revoked) throw new BackspaceError('not_found', 'This run has no working link with this id.')
  return c.body(null, 204)
}

/** Finds the run for a caller who may share it: one with write access to the repository, or an operator. */
function findOwn(c: Context<WebEnv>, { reader, permits }: ShareDeps): Promise<Run> {
  return reader.find(c, permits.isOperator(c.var.caller) ? 'read' : 'start')
}

async function readDays(c: Context<WebEnv>, readBody: ReadBody): Promise<number> {
  const type = c.req.header('content-type')
  const sent = type?.startsWith('application/x-www-form-urlencoded')
    ? { days: Number((await readForm(c, readBody)).get('days') ?? '7') }
    : type === undefined
      ? {}
      : await readJson(c.req.raw, readBody)
  const parsed = shareRequest.safeParse(sent)
  if (parsed.success) return parsed.data.days ?? 7
  throw new BackspaceError('bad_request', 'The body must be {"days":7}, with 1, 7 or 30 days.')
}

function page(
  { var: { caller } }: Context<WebEnv>,
  { id, request }: Run,
  shown: Pick<Parameters<typeof sharePage>[0], 'links' | 'made'>,
): ReturnType<typeof sharePage> {
  const { owner, name } = request.repository
  const account = caller.login === undefined ? undefined : caller.name
  return sharePage({ runId: id, repository: `${owner}/${name}`, account, ...shown })
}

function linkBody({ id, madeBy, createdAt, expiresAt }: Share): ShareListBody['links'][number] {
  return { id, madeBy, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() }
}
