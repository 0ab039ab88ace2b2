import type { Config } from '../config.ts'
import { type HookConfig, readHookConfig } from '../github/app-facts.ts'
import { type DeliveryAttempt, listDeliveries } from '../github/webhook-deliveries.ts'
import { durationText } from '../text/amounts.ts'
import type { AppLook } from './app-look.ts'
import type { Said } from './finding.ts'

const SILENT =
  'Until webhooks arrive, comments and labels start nothing at once; Backspace finds them minutes later.'

/** Tells which deliveries are stored here; undefined when the database cannot say. */
export interface StoredDeliveries {
  has(guid: string): Promise<boolean | undefined>
  any(): Promise<boolean | undefined>
}

export interface WebhookLook {
  readonly config: Config
  readonly app: AppLook | undefined
  readonly stored: StoredDeliveries
}

/** Whether GitHub's webhooks arrive here: where they are sent, how the last one went, and whether it is stored. */
export async function checkWebhooks({ config, app, stored }: WebhookLook): Promise<Said> {
  if (!app) return { state: 'not_set', fact: 'there is no App that sends any' }
  const facts = await app.facts().catch(() => undefined)
  if (!facts) return { state: 'waiting', fact: 'known once GitHub knows the App' }
  const hook = await readHookConfig(app.octokit)
  const settings = facts.permissionsUrl.replace(/\/permissions$/, '')
  const wrong = whatIsWrong(hook, config)
  if (wrong)
    return { state: 'broken', costs: SILENT, link: { url: settings, text: 'Settings of the App' }, ...wrong }
  const attempts = await recentAttempts(app)
  const [last] = attempts
  const log = { url: `${settings}/advanced`, text: 'Recent deliveries at GitHub' }
  if (last && !last.ok && last.event !== 'ping') return notDelivered(last, hook, log)
  if (last?.ok && last.event !== 'ping') {
    if (await wereTakenElsewhere(attempts, stored)) return elsewhere(last, hook, log)
    return { state: 'ok', fact: `${describe(last)} arrived, sent to ${hook.url}` }
  }
  if (await stored.any())
    return { state: 'ok', fact: `none in the last days; earlier ones arrived, sent to ${hook.url}` }
  const how = last ? 'only GitHub’s first ping was sent' : 'none came yet'
  return {
    state: 'waiting',
    fact: `${how}; GitHub sends them to ${hook.url}`,
    costs: SILENT,
    next: 'Install the App, or comment on an issue: that sends the next one.',
  }
}

function notDelivered(last: DeliveryAttempt, hook: HookConfig, link: Said['link']): Said {
  const { why, next } = cureOf(last, hook)
  const fact = `GitHub’s last delivery (${describe(last)}) failed: ${why}`
  return { state: 'broken', fact, costs: SILENT, next, link, attempt: last.id }
}

function elsewhere(last: DeliveryAttempt, { url }: HookConfig, link: Said['link']): Said {
  return {
    state: 'broken',
    fact: `GitHub’s last delivery (${describe(last)}) was accepted at ${url}, but is not stored here`,
    costs: SILENT,
    next: 'Another service answers at that address, or another Backspace with another database. Set the webhook URL to this one.',
    link,
  }
}

/** The latest attempts, newest first. A later attempt at the same delivery may have succeeded. */
async function recentAttempts({ octokit }: AppLook): Promise<readonly DeliveryAttempt[]> {
  for await (const { attempts } of listDeliveries(octokit)) return attempts
  return []
}

/**
 * How many deliveries are looked up. A single one may be missing, since Backspace stores no second copy of what it
 * found by asking.
 */
const MOST_LOOKED_UP = 10

/**
 * Whether another service accepted the webhooks. This one stores what it accepts, so if it has stored none of them,
 * they went elsewhere.
 */
async function wereTakenElsewhere(
  attempts: readonly DeliveryAttempt[],
  stored: StoredDeliveries,
): Promise<boolean> {
  const taken = attempts.filter(({ ok, event }) => ok && event !== 'ping').slice(0, MOST_LOOKED_UP)
  for (const { guid } of taken) if ((await stored.has(guid)) !== false) return false
  return taken.length > 0
}

function whatIsWrong(
  { url, contentType }: HookConfig,
  { github, web }: Config,
): Pick<Said, 'fact' | 'next'> | undefined {
  const expected = `${web.publicUrl ?? 'https://<your address>'}${github.webhookPath}`
  const change = `Set the webhook URL on the App’s settings page to ${expected}.`
  if (url === '' || !URL.canParse(url))
    return { fact: 'the App has no webhook URL, or its webhook is off', next: change }
  const { hostname, pathname, host } = new URL(url)
  if (contentType !== 'json')
    return {
      fact: `webhooks are sent as ${contentType}`,
      next: 'Set the content type of the App’s webhook to application/json.',
    }
  if (/(^|\.)example\.(com|org|net)$/.test(hostname))
    return { fact: `webhooks go to the placeholder ${url}`, next: change }
  // A relay has an address of its own, and its client adds the path.
  if (/(^|\.)(smee\.io|hookdeck\.com)$/.test(hostname)) return undefined
  if (pathname !== github.webhookPath)
    return {
      fact: `webhooks go to the path ${pathname}, but this service takes them at ${github.webhookPath}`,
      next: change,
    }
  // On a laptop, a tunnel may be only for webhooks.
  if (web.publicUrl !== undefined && !web.reach.openToLocal && new URL(web.publicUrl).host !== host)
    return {
      fact: `webhooks go to ${host}, but PUBLIC_URL is ${web.publicUrl}`,
      next: `${change} If ${host} leads here as well, set PUBLIC_URL to it.`,
    }
  return undefined
}

function cureOf(
  { statusCode, status }: DeliveryAttempt,
  { url }: HookConfig,
): { readonly why: string; readonly next: string } {
  const why = statusCode === 0 ? status : `status ${statusCode}`
  switch (statusCode) {
    case 0:
      return {
        why,
        next: `GitHub cannot reach ${url}. Start the tunnel, or open the firewall for it, and check DNS and the certificate.`,
      }
    case 401:
      return {
        why,
        next: 'The webhook secrets differ: set WEBHOOK_SECRET and the secret on the App’s settings page to the same value.',
      }
    case 404:
    case 405:
      return {
        why,
        next: `Something answers at ${url} that does not know this path. Check the path, and that a proxy passes it on unchanged.`,
      }
    case 403:
      return {
        why,
        next: 'A firewall or a proxy refuses GitHub. Let requests to the webhook path through; GET /meta of GitHub’s API lists its addresses.',
      }
    case 413:
      return { why, next: 'A proxy refuses large bodies. Let it pass on 25 MB.' }
    case 502:
    case 503:
    case 504:
    case 530:
      return {
        why,
        next: 'The tunnel or the proxy answered, but Backspace behind it did not. Check that it passes requests on to the address where Backspace listens.',
      }
    default:
      return {
        why,
        next: 'GitHub shows the request and the answer under “Advanced” on the App’s settings page.',
      }
  }
}

function describe({ event, action, deliveredAt }: DeliveryAttempt): string {
  return `${event}${action === null ? '' : `.${action}`} ${ago(deliveredAt)}`
}

function ago(at: Date): string {
  const ms = Math.max(0, Date.now() - at.getTime())
  return ms < 60_000 ? 'just now' : `${durationText(ms).replace(/ \d+ s$/, '')} ago`
}
