import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { createAppFromManifest, readManifest } from '../manifest.ts'
import type { Account, InstallationRecord } from '../records.ts'
import { emitInstallation } from '../webhooks.ts'
import { accountOf, type World } from '../world.ts'
import { layout } from './layout.ts'

/** Who looks at the pages: a person who may create Apps. */
const SIGNED_IN = 'ada'

/** The pages by which an App is created from a manifest, installed, and looked at. */
export function appPages(world: World): Hono {
  const app = new Hono()
  const owner = (c: Context) => {
    const org = c.req.param('org')
    return org === undefined ? accountOf(world, SIGNED_IN) : accountOf(world, org, 'Organization')
  }
  for (const path of ['/settings/apps/new', '/organizations/:org/settings/apps/new']) {
    app.get(path, (c) =>
      c.html(page('Register new GitHub App', html`<p>Post a manifest to this address.</p>`)),
    )
    app.post(path, async (c) => answerManifest(c, world, owner(c)))
  }
  for (const path of ['/settings/apps/manifest', '/organizations/:org/settings/apps/manifest'])
    app.post(path, async (c) => createApp(c, world, owner(c)))
  app.get('/apps/:slug/installations/new', (c) => c.html(installPage(world)))
  app.post('/apps/:slug/installations', async (c) => install(c, world))
  for (const path of [
    '/settings/apps/:slug/permissions',
    '/organizations/:org/settings/apps/:slug/permissions',
  ])
    app.get(path, (c) => c.html(page('Permissions & events', permissions(world))))
  app.get('/settings/installations/:id', (c) => c.html(page('Installation', permissions(world))))
  return app
}

async function answerManifest(c: Context, world: World, owner: Account) {
  const form = await c.req.parseBody()
  const read = readManifest(world, String(form.manifest ?? ''))
  if ('problems' in read) return c.html(problemPage(read.problems), 422)
  const target = c.req.path.replace(/new$/, 'manifest')
  const { name } = read.manifest
  return c.html(
    page(
      'Create GitHub App',
      html`<form class="card pad" method="post" action="${target}">
        <input type="hidden" name="manifest" value="${String(form.manifest)}">
        <input type="hidden" name="state" value="${c.req.query('state') ?? ''}">
        <p><label for="name">GitHub App name</label> <input id="name" name="name" value="${name}"></p>
        <p><button type="submit">Create GitHub App for ${owner.login}</button></p></form>`,
    ),
  )
}

async function createApp(c: Context, world: World, owner: Account) {
  const form = await c.req.parseBody()
  const asked: object = JSON.parse(String(form.manifest ?? '{}'))
  const read = readManifest(world, JSON.stringify({ ...asked, name: String(form.name ?? '') }))
  if ('problems' in read) return c.html(problemPage(read.problems), 422)
  const { redirect_url: redirect } = read.manifest
  const code = createAppFromManifest(world, read.manifest, owner)
  if (redirect === undefined) return c.html(page('Created', html`<p>The App is there.</p>`))
  const target = new URL(redirect)
  target.searchParams.set('code', code)
  if (form.state !== undefined && form.state !== '') target.searchParams.set('state', String(form.state))
  return c.redirect(target.href, 302)
}

function problemPage(problems: readonly string[]) {
  return page(
    'The manifest is not valid',
    html`<ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`,
  )
}

function installPage(world: World) {
  const owners = [...new Set([...world.repositories.values()].map(({ owner }) => owner))]
  const forms = owners.map(
    ({ login }) => html`<form class="card pad" method="post" action="/apps/${world.app.slug}/installations">
      <input type="hidden" name="account" value="${login}"><p><button type="submit">Install on ${login}</button></p></form>`,
  )
  return page(`Install ${world.app.name}`, html`${forms}`)
}

async function install(c: Context, world: World) {
  const form = await c.req.parseBody()
  const account = accountOf(world, String(form.account ?? ''))
  const { id } = installOn(world, account)
  const { setupUrl } = world.app
  if (setupUrl === undefined) return c.html(page('Installed', html`<p>Installed on ${account.login}.</p>`))
  const target = new URL(setupUrl)
  target.searchParams.set('installation_id', String(id))
  target.searchParams.set('setup_action', 'install')
  return c.redirect(target.href, 302)
}

/** Installs the App on every repository of an account, which sends `installation.created`. */
function installOn(world: World, account: Account): InstallationRecord {
  const installation = {
    id: world.nextId(),
    account,
    permissions: world.app.permissions,
    suspended: false,
    createdAt: world.now(),
  }
  world.installations.set(installation.id, installation)
  for (const repository of world.repositories.values()) {
    if (repository.owner === account) repository.installed = true
  }
  emitInstallation(world, { account, action: 'created' })
  return installation
}

function permissions(world: World) {
  const rows = Object.entries(world.app.permissions).map(([name, level]) => html`<li>${name}: ${level}</li>`)
  return html`<section class="card"><ul class="rows">${rows}</ul></section>`
}

function page(title: string, body: unknown) {
  return layout({ title, path: '', body: html`<h1>${title}</h1>${body}` })
}
