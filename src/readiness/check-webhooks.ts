import type { Config } from '../config.ts'
import { type HookConfig, readHookConfig } from '../github/app-facts.ts'
import { type DeliveryAttempt, listDeliveries } from '../github/webhook-deliveries.ts'
import { durationText } from '../text/amounts.ts'
import type { AppLook } from './app-look.ts'
import type { Said } from './finding.ts'

const SILENT =
  'Until webhooks arrive, comments and labels start nothing at once; Backspace finds them minutes later.'

export interface WebhookLook {
  readonly config: Config
  readonly app: AppLook | undefined
  /** When a signed delivery was last stored here; undefined when the database cannot say. */
  readonly lastStored: () => Promise<Date | 'never' | undefined>
}

/** Whether GitHub's webhooks arrive here: where they go, what became of the last one, and what was stored. */
export async function checkWebhooks({ config, app, lastStored }: WebhookLook): Promise<Said> {
  if (!app) return { state: 'not_set', fact: 'there is no App that sends any' }
  const facts = await app.facts().catch(() => undefined)
  if (!facts) return { state: 'waiting', fact: 'known once GitHub knows the App' }
  const hook = await readHookConfig(app.octokit)
  const link = { url: facts.permissionsUrl.replace(/\/permissions$/, ''), text: 'Settings of the App' }
  const wrong = whatIsWrong(hook, config)
  if (wrong) return { state: 'broken', costs: SILENT, link, ...wrong }
  const [stored, last] = await Promise.all([lastStored(), lastAttempt(app)])
  if (last && !last.ok && !isNewer(stored, last.deliveredAt)) {
    if (last.event === 'ping') return firstPing(stored, hook)
    const cure = cureOf(last, hook)
    return {
      state: 'broken',
      fact: `GitHub’s last delivery (${describe(last)}) failed: ${cure.why}`,
      costs: SILENT,
      next: cure.next,
      link: { ...link, url: `${link.url}/advanced`, text: 'Recent deliveries at GitHub' },
    }
  }
  if (stored instanceof Date)
    return { state: 'ok', fact: `last one stored ${ago(stored)}, sent to ${hook.url}` }
  if (last?.ok) return { state: 'ok', fact: `${describe(last)} arrived, sent to ${hook.url}` }
  return {
    state: 'waiting',
    fact: `none came yet; GitHub sends them to ${hook.url}`,
    costs: SILENT,
    next: 'Install the App, or comment on an issue.',
  }
}

/** GitHub greets a new App before this service can know it, so that greeting is answered with a refusal. */
function firstPing(stored: Date | 'never' | undefined, { url }: HookConfig): Said {
  if (stored instanceof Date) return { state: 'ok', fact: `last one stored ${ago(stored)}, sent to ${url}` }
  return {
    state: 'waiting',
    fact: `only GitHub’s first ping was sent, before this service knew the App, to ${url}`,
    costs: SILENT,
    next: 'Install the App: that sends the next one.',
  }
}

/** The next attempt at the same delivery may have gone well, so the newest attempt counts. */
async function lastAttempt({ octokit }: AppLook): Promise<DeliveryAttempt | undefined> {
  for await (const { attempts } of listDeliveries(octokit)) return attempts[0]
  return undefined
}

function isNewer(stored: Date | 'never' | undefined, than: Date): boolean {
  return stored instanceof Date && stored > than
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
  // A laptop has a tunnel for webhooks only.
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
