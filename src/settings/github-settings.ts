import { isBranchPrefix } from '../text/branch-prefix.ts'
import { readCredential } from './read-credential.ts'
import { readPrivateKey } from './read-private-key.ts'
import { isLoopback, type SettingsReader } from './settings-reader.ts'
import { readStoredApp, type StoredApp } from './stored-app.ts'
import { weaknessOf } from './weakness-of.ts'

export interface GitHubSettings {
  readonly app: AppSettings | undefined
  /** Undefined if no one can sign in with GitHub. */
  readonly oauth: OAuthSettings | undefined
  readonly pat: string | undefined
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string
  /** `https://github.com`, or `https://HOST`: where repositories are cloned from, and where `repoUrl` must point. */
  readonly webUrl: string
  readonly webhookPath: string
  /** Hosts that a model's text may link to; `*` for all. */
  readonly linkHosts: readonly string[]
  /** Start of the names of new branches. */
  readonly branchPrefix: string
}

export interface AppSettings {
  readonly id: number
  /** PEM. */
  readonly privateKey: string
  readonly webhookSecret: string
  /** Set if the setup page created the App; undefined if the environment names it. */
  readonly stored?: Pick<StoredApp, 'owner' | 'ownerType'> | undefined
}

export interface OAuthSettings {
  readonly clientId: string
  readonly clientSecret: string
}

/** @param options.hasFiles whether to look in DATA_DIR for an App that the setup page stored. */
export function readGitHubSettings(
  reader: SettingsReader,
  { hasFiles }: { readonly hasFiles: boolean },
): GitHubSettings {
  const host = reader.get('GHE_HOST')
  const protocol = reader.oneOf('GHE_PROTOCOL', ['https', 'http'])
  if (host) checkHost({ host, protocol }, reader)
  const webhookPath = reader.get('WEBHOOK_PATH') ?? '/'
  if (!/^\/[\w./~-]*$/.test(webhookPath))
    reader.problem('WEBHOOK_PATH must start with "/" and be a plain path: /api/github/webhooks')
  const webUrl = host ? `${protocol}://${host}` : 'https://github.com'
  const stored = hasFiles && !isInEnvironment(reader) ? readStoredApp(reader, webUrl) : undefined
  return {
    app: stored ? fromStored(stored, reader) : readApp(reader),
    oauth: readOAuth(reader) ?? (stored && { clientId: stored.clientId, clientSecret: stored.clientSecret }),
    pat: readCredential(reader, 'GITHUB_PAT', { elsewhere: host !== undefined }),
    apiUrl: host ? `${protocol}://${host}/api/v3` : 'https://api.github.com',
    webUrl,
    webhookPath,
    linkHosts: [...(host ? [host.replace(/:\d+$/, '')] : []), ...readLinkHosts(reader)],
    branchPrefix: readBranchPrefix(reader),
  }
}

function readBranchPrefix(reader: SettingsReader): string {
  const prefix = reader.get('BACKSPACE_BRANCH_PREFIX') ?? 'backspace/'
  if (!isBranchPrefix(prefix))
    reader.problem('BACKSPACE_BRANCH_PREFIX must be the start of a branch name: bots/ or team/bots/')
  return prefix
}

function readLinkHosts(reader: SettingsReader): readonly string[] {
  const hosts = reader.list('BACKSPACE_LINK_HOSTS')
  if (hosts.every((host) => host === '*' || /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(host))) return hosts
  reader.problem(
    'BACKSPACE_LINK_HOSTS must list host names: example.org, *.example.org for all names below it, or * for all hosts.',
  )
  return []
}

function checkHost(
  server: { readonly host: string; readonly protocol: string },
  reader: SettingsReader,
): void {
  const url = URL.canParse(`https://${server.host}`) ? new URL(`https://${server.host}`) : undefined
  if (!url || /[/@?#\\\s]/.test(server.host)) {
    reader.problem(
      'GHE_HOST must be a host name, with a port if needed, and nothing else: github.example.org',
    )
  } else if (server.protocol === 'http' && !isLoopback(url)) {
    reader.problem(
      'GHE_PROTOCOL is http, so tokens and code would cross the network in the clear. Set it to https.',
    )
  }
}

/** Whether the environment names an App. If so, it takes precedence over one that the setup page stored. */
function isInEnvironment(reader: SettingsReader): boolean {
  return (['APP_ID', 'PRIVATE_KEY', 'PRIVATE_KEY_PATH'] as const).some(
    (name) => reader.get(name) !== undefined,
  )
}

function fromStored(stored: StoredApp, reader: SettingsReader): AppSettings {
  const { id, privateKey, owner, ownerType } = stored
  const changed = reader.get('WEBHOOK_SECRET')
  if (changed !== undefined) checkWebhookSecret(changed, reader)
  const webhookSecret = changed ?? stored.webhookSecret
  return { id, privateKey, webhookSecret, stored: { owner, ownerType } }
}

function readApp(reader: SettingsReader): AppSettings | undefined {
  const id = reader.get('APP_ID')
  const privateKey = readPrivateKey(reader)
  const webhookSecret = reader.get('WEBHOOK_SECRET')
  if (!id && !privateKey) return undefined
  if (!id) {
    reader.problem('A private key is set but APP_ID is not. Set APP_ID to the id on the App’s settings page.')
  } else if (!/^[1-9]\d{0,14}$/.test(id)) {
    reader.problem(
      'APP_ID must be the App’s numeric id. The App’s settings page shows it; it is not the client id.',
    )
  }
  if (!privateKey && !reader.get('PRIVATE_KEY') && !reader.get('PRIVATE_KEY_PATH')) {
    reader.problem('APP_ID is set but PRIVATE_KEY and PRIVATE_KEY_PATH are not. Set one of them.')
  }
  checkWebhookSecret(webhookSecret, reader)
  return { id: Number(id), privateKey: privateKey ?? '', webhookSecret: webhookSecret ?? '' }
}

function readOAuth(reader: SettingsReader): OAuthSettings | undefined {
  const clientId = reader.get('GITHUB_CLIENT_ID')
  const clientSecret = reader.get('GITHUB_CLIENT_SECRET')
  if (clientId === undefined && clientSecret === undefined) return undefined
  const where = 'The App’s settings page shows the client id, and makes a client secret.'
  if (clientId === undefined || clientSecret === undefined) {
    const [set, missing] =
      clientId === undefined
        ? ['GITHUB_CLIENT_SECRET', 'GITHUB_CLIENT_ID']
        : ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET']
    reader.problem(`${set} is set but ${missing} is not. ${where}`)
    return undefined
  }
  if (!/^[\w.-]{8,64}$/.test(clientId))
    reader.problem(`GITHUB_CLIENT_ID does not look like a client id (Iv23li…). ${where}`)
  const weakness = weaknessOf(clientSecret, { leastBytes: 20 })
  if (weakness !== undefined) reader.problem(`GITHUB_CLIENT_SECRET ${weakness}. ${where}`)
  return { clientId, clientSecret }
}

/**
 * Requires a webhook secret. Without one, Probot would silently use `development`, and anyone could forge a webhook.
 */
function checkWebhookSecret(secret: string | undefined, reader: SettingsReader): void {
  const how = 'Make one with `openssl rand -hex 32` and set it here and on the App’s settings page.'
  if (!secret) {
    reader.problem(`APP_ID is set but WEBHOOK_SECRET is not: anyone could forge webhooks. ${how}`)
    return
  }
  // Probot's default.
  const weakness =
    secret === 'development'
      ? 'is "development", which is public knowledge'
      : weaknessOf(secret, { leastBytes: 32 })
  if (weakness !== undefined) reader.problem(`WEBHOOK_SECRET ${weakness}. ${how}`)
}
