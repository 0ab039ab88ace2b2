import { isIP } from 'node:net'
import type { SetupDeps } from './setup-deps.ts'
import type { Keeping } from './setup-door.ts'

/** The person's choices on the setup page, and what is wrong with them. */
export interface SetupWishes {
  readonly name: string
  /** Login of an organization; empty for the person's own account. */
  readonly organization: string
  /** The webhook address as typed. */
  readonly webhook: string
  /** The webhook address with its path; undefined if `webhook` is missing or not usable. */
  readonly webhookUrl: string | undefined
  readonly keeping: Keeping
  /** Whether the form was submitted, so that a missing field is a mistake. */
  readonly isSent: boolean
  readonly problems: Readonly<Record<'name' | 'organization' | 'webhook', string | undefined>>
}

type Defaults = Pick<SetupDeps, 'configuredUrl' | 'webhookPath' | 'canStore' | 'usualKeeping'> & {
  readonly suffix: string
}

/** @param query of the page's address, in which its form puts its fields. */
export function readWishes(query: Readonly<Record<string, string>>, defaults: Defaults): SetupWishes {
  const { configuredUrl, webhookPath, canStore, usualKeeping, suffix } = defaults
  const keeping = query.keeping === 'stored' || query.keeping === 'shown' ? query.keeping : usualKeeping
  const isSent = 'webhook' in query
  const name = query.name?.trim() || `backspace-${suffix}`
  const organization = (query.organization ?? '').trim().replace(/^@/, '')
  const webhook = (query.webhook ?? configuredUrl ?? '').trim()
  const found = readWebhook(webhook, webhookPath)
  const problems = {
    name: nameProblem(name),
    organization:
      organization === '' || /^[a-z\d][a-z\d-]{0,38}$/i.test(organization)
        ? undefined
        : 'Write the login of the organization, as in github.com/LOGIN.',
    webhook: 'problem' in found && (isSent || webhook !== '') ? found.problem : undefined,
  }
  return {
    name,
    organization,
    webhook,
    webhookUrl: 'url' in found ? found.url : undefined,
    keeping: canStore ? keeping : 'shown',
    isSent,
    problems,
  }
}

function nameProblem(name: string): string | undefined {
  if (name.length > 34) return 'GitHub allows at most 34 characters.'
  return /^[\w .-]+$/.test(name) && /[a-z\d]/i.test(name)
    ? undefined
    : 'Use letters, digits, spaces and hyphens.'
}

/** Relays with an address of their own, which is the whole webhook URL. */
const RELAYS = /(^|\.)(smee\.io|hookdeck\.com)$/i

function readWebhook(
  text: string,
  webhookPath: string,
): { readonly url: string } | { readonly problem: string } {
  if (text === '') return { problem: 'GitHub needs an address to send webhooks to.' }
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`)
  if (!url || !/^https?:$/.test(url.protocol)) return { problem: 'This is no web address. Write https://…' }
  if (url.username || url.password)
    return { problem: 'Leave user name and password out: GitHub’s pages show the address.' }
  if (isOfThisMachine(url.hostname))
    return {
      problem:
        'GitHub cannot reach an address of this machine or of its own network. Start a tunnel, and enter its address here.',
    }
  if (RELAYS.test(url.hostname)) return { url: url.href }
  const base = url.pathname.replace(/\/+$/, '')
  const path = base.endsWith(webhookPath) ? base : `${base}${webhookPath}`
  return { url: `${url.origin}${path}` }
}

/** Enterprise Servers reach private networks, so only addresses that mean the reader's own machine are refused. */
function isOfThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return /^(127\.|0\.|::1?$)/.test(host)
  return /(^|\.)localhost$/i.test(host) || !/\./.test(host)
}
