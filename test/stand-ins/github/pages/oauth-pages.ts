import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { grantCode } from '../oauth.ts'
import { accountOf, type World } from '../world.ts'
import { layout } from './layout.ts'

/** The pages on which a person lets the App know who they are. */
export function oauthPages(world: World): Hono {
  const app = new Hono()
  app.get('/login/oauth/authorize', (c) => answerAuthorize(c, world))
  app.post('/login/oauth/authorize', async (c) => decide(c, world))
  app.get('/login', (c) => c.html(loginPage(world, c.req.query('return_to') ?? '/')))
  app.post('/session', async (c) => {
    const form = await c.req.parseBody()
    world.oauth.signedIn = String(form.login ?? '')
    const target = String(form.return_to ?? '/')
    return c.redirect(target.startsWith('/') ? target : '/', 302)
  })
  return app
}

interface Asked {
  readonly redirectUri: string
  readonly state: string | undefined
  readonly challenge: string | undefined
}

/** @returns what was asked for, or GitHub's answer to a request that it does not accept. */
function readAsked(c: Context, world: World): Asked | Response | Promise<Response> {
  const query = c.req.query()
  if (query.client_id !== world.app.clientId)
    return c.html(page('Not Found', html`<p>There is no such App.</p>`), 404)
  const [first] = world.app.callbackUrls
  const redirectUri = query.redirect_uri ?? first
  if (redirectUri === undefined || first === undefined || !world.app.callbackUrls.includes(redirectUri)) {
    if (first === undefined)
      return c.html(
        page('Be careful!', html`<p>The redirect_uri is not associated with this application.</p>`),
        400,
      )
    return backTo(c, first, {
      error: 'redirect_uri_mismatch',
      error_description: 'The redirect_uri MUST match the registered callback URL for this application.',
      state: query.state,
    })
  }
  const challenge = query.code_challenge
  const isPlain = challenge !== undefined && query.code_challenge_method !== 'S256'
  if (isPlain || (challenge !== undefined && !/^[\w-]{43}$/.test(challenge))) {
    return c.html(page('Bad request', html`<p>code_challenge_method must be S256.</p>`), 400)
  }
  return { redirectUri, state: query.state, challenge }
}

function answerAuthorize(c: Context, world: World) {
  const asked = readAsked(c, world)
  if (asked instanceof Response || asked instanceof Promise) return asked
  const { signedIn, authorized } = world.oauth
  if (signedIn === undefined) {
    const { pathname, search } = new URL(c.req.url)
    return c.redirect(`/login?return_to=${encodeURIComponent(pathname + search)}`, 302)
  }
  const account = accountOf(world, signedIn)
  if (authorized.has(account.id)) return accept(c, world, asked)
  const form = (choice: string, label: string) =>
    html`<form method="post"><input type="hidden" name="authorize" value="${choice}"><p><button type="submit">${label}</button></p></form>`
  return c.html(
    page(
      `Authorize ${world.app.name}`,
      html`<section class="card pad"><p>${world.app.name} would like to verify your GitHub identity (${account.login}).</p>
        ${form('1', `Authorize ${world.app.name}`)}${form('0', 'Cancel')}</section>`,
    ),
  )
}

async function decide(c: Context, world: World) {
  const asked = readAsked(c, world)
  if (asked instanceof Response || asked instanceof Promise) return asked
  const form = await c.req.parseBody()
  if (form.authorize === '1') return accept(c, world, asked)
  return backTo(c, asked.redirectUri, {
    error: 'access_denied',
    error_description: 'The user has denied your application access.',
    state: asked.state,
  })
}

function accept(c: Context, world: World, asked: Asked) {
  const account = accountOf(world, world.oauth.signedIn ?? '')
  return backTo(c, asked.redirectUri, { code: grantCode(world, account, asked), state: asked.state })
}

function backTo(c: Context, address: string, query: Readonly<Record<string, string | undefined>>) {
  const target = new URL(address)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, value)
  return c.redirect(target.href, 302)
}

function loginPage(world: World, returnTo: string) {
  const people = [...world.accounts.values()].filter(({ type }) => type === 'User')
  const forms = people.map(
    ({ login }) => html`<form class="card pad" method="post" action="/session">
      <input type="hidden" name="login" value="${login}"><input type="hidden" name="return_to" value="${returnTo}">
      <p><button type="submit">Sign in as ${login}</button></p></form>`,
  )
  return page('Sign in to GitHub', html`${forms}`)
}

function page(title: string, body: unknown) {
  return layout({ title, path: '', body: html`<h1>${title}</h1>${body}` })
}
