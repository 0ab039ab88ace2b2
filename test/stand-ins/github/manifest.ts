import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { notFound } from './api-error.ts'
import { type AppRecord, generateKeys } from './app-record.ts'
import type { Account } from './records.ts'
import { renderApp } from './rest/app.ts'
import { openRoute, type Route } from './rest/route.ts'
import { sendPing } from './webhooks.ts'
import { accountOf, inBackground, type World } from './world.ts'

/** A code is good for one exchange within this time. */
const CODE_MS = 60 * 60_000
const LEVELS = ['read', 'write'] as const
const PERMISSIONS =
  'actions administration checks contents deployments environments issues metadata packages pages pull_requests repository_hooks secrets statuses workflows members'.split(
    ' ',
  )
/** Which permission an event needs, any one of them. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  issue_comment: ['issues', 'pull_requests'],
  issues: ['issues'],
  pull_request: ['pull_requests'],
  pull_request_review: ['pull_requests'],
  pull_request_review_comment: ['pull_requests'],
  push: ['contents'],
  check_run: ['checks'],
  check_suite: ['checks'],
}

const address = z.url({ protocol: /^https?$/, error: 'is not a URL' })
const manifest = z.strictObject({
  name: z.string().min(1, "can't be blank").max(34, 'is too long (maximum is 34 characters)'),
  url: address,
  description: z.string().optional(),
  hook_attributes: z.strictObject({ url: address, active: z.boolean().optional() }).optional(),
  redirect_url: address.optional(),
  callback_urls: z.array(address).max(10, 'has too many entries').optional(),
  setup_url: address.optional(),
  setup_on_update: z.boolean().optional(),
  public: z.boolean().optional(),
  request_oauth_on_install: z.boolean().optional(),
  default_events: z.array(z.string()).optional(),
  default_permissions: z.record(z.string(), z.enum(LEVELS)).optional(),
})
export type Manifest = z.infer<typeof manifest>

/** A manifest as a form sent it, or what GitHub would say is wrong with it. */
export function readManifest(
  world: World,
  text: string,
): { readonly manifest: Manifest } | { readonly problems: readonly string[] } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { problems: ['The manifest is not valid JSON'] }
  }
  const read = manifest.safeParse(json)
  if (!read.success)
    return { problems: read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`) }
  const problems = [
    ...nameProblems(world, read.data),
    ...hookProblems(world, read.data),
    ...accessProblems(read.data),
  ]
  return problems.length > 0 ? { problems } : { manifest: read.data }
}

function nameProblems(world: World, { name }: Manifest): readonly string[] {
  const slug = slugOf(name)
  if (slug === '') return ['name must contain a letter or a digit']
  return slug === world.app.slug || world.accounts.has(slug) ? ['Name is already taken'] : []
}

function hookProblems(world: World, { hook_attributes: hook }: Manifest): readonly string[] {
  if (!hook || world.localWebhooks) return []
  const { hostname } = new URL(hook.url)
  return /^(localhost|.+\.localhost|0\.0\.0\.0|127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|\[::1?\])$/.test(
    hostname,
  )
    ? [`Hook url is not supported because it isn't reachable over the public Internet (${hostname})`]
    : []
}

function accessProblems({ default_events = [], default_permissions = {} }: Manifest): readonly string[] {
  const unknown = Object.keys(default_permissions).filter((name) => !PERMISSIONS.includes(name))
  const events = default_events.flatMap((event) => {
    const needs = EVENTS[event]
    if (!needs) return [`Default events are not supported: ${event}`]
    return needs.some((name) => name in default_permissions)
      ? []
      : [`Default events unsupported without the permission ${needs.join(' or ')}: ${event}`]
  })
  return [...unknown.map((name) => `Default permission ${name} is not supported`), ...events]
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}

/** Creates the App, which takes the place of the one before, and returns the code for its credentials. */
export function createAppFromManifest(world: World, made: Manifest, owner: Account): string {
  const slug = slugOf(made.name)
  const app: AppRecord = {
    id: world.nextId(),
    slug,
    name: made.name,
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    clientSecret: randomBytes(20).toString('hex'),
    owner,
    bot: accountOf(world, `${slug}[bot]`, 'Bot'),
    ...generateKeys(),
    webhookSecret: randomBytes(20).toString('hex'),
    permissions: { metadata: 'read', ...made.default_permissions },
    events: made.default_events ?? [],
    setupUrl: made.setup_url,
    callbackUrls: made.callback_urls ?? [],
    createdAt: world.now(),
  }
  world.app = app
  world.webhookTarget = made.hook_attributes?.active === false ? undefined : made.hook_attributes?.url
  world.installations.clear()
  for (const repository of world.repositories.values()) repository.installed = false
  const code = randomBytes(20).toString('hex')
  world.manifestCodes.set(code, { app, expiresAt: world.now() + CODE_MS })
  inBackground(world, sendPing(world))
  return code
}

/** `POST /app-manifests/{code}/conversions`: needs no credential but the code. */
export function manifestRoutes(world: World): readonly Route[] {
  return [
    openRoute('POST /app-manifests/:code/conversions', (call) => {
      const found = world.manifestCodes.get(call.param('code'))
      world.manifestCodes.delete(call.param('code'))
      if (!found || found.expiresAt <= world.now()) throw notFound()
      const { app } = found
      const secrets = {
        client_id: app.clientId,
        client_secret: app.clientSecret,
        webhook_secret: app.webhookSecret,
        pem: app.privateKey,
      }
      return call.json({ ...renderApp({ ...world, app }), ...secrets }, 201)
    }),
  ]
}
