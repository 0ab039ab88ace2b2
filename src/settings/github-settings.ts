import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SettingsReader } from './settings-reader.ts'

export interface GitHubSettings {
  readonly app: AppSettings | undefined
  readonly pat: string | undefined
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string
  /** `https://github.com`, or `https://HOST`: where repositories are cloned from and `repoUrl` must point. */
  readonly webUrl: string
  readonly webhookPath: string
}

export interface AppSettings {
  readonly id: number
  /** PEM. */
  readonly privateKey: string
  readonly webhookSecret: string
}

export function readGitHubSettings(reader: SettingsReader): GitHubSettings {
  const host = reader.get('GHE_HOST')
  if (host && /[/@\s]/.test(host)) {
    reader.problem(
      'GHE_HOST must be a host name, with a port if needed, and nothing else: github.example.org',
    )
  }
  const protocol = reader.oneOf('GHE_PROTOCOL', ['https', 'http'])
  const webhookPath = reader.get('WEBHOOK_PATH') ?? '/'
  if (!webhookPath.startsWith('/')) reader.problem('WEBHOOK_PATH must start with "/".')
  return {
    app: readApp(reader),
    pat: reader.get('GITHUB_PAT'),
    apiUrl: host ? `${protocol}://${host}/api/v3` : 'https://api.github.com',
    webUrl: host ? `${protocol}://${host}` : 'https://github.com',
    webhookPath,
  }
}

function readApp(reader: SettingsReader): AppSettings | undefined {
  const id = reader.get('APP_ID')
  const privateKey = readPrivateKey(reader)
  const webhookSecret = reader.get('WEBHOOK_SECRET')
  if (!id && !privateKey) return undefined
  if (!id) {
    reader.problem('A private key is set but APP_ID is not. Set APP_ID to the id on the App’s settings page.')
  } else if (!/^\d+$/.test(id)) {
    reader.problem(`APP_ID must be the App’s numeric id, not "${id}".`)
  }
  if (!privateKey && !reader.get('PRIVATE_KEY') && !reader.get('PRIVATE_KEY_PATH')) {
    reader.problem('APP_ID is set but PRIVATE_KEY and PRIVATE_KEY_PATH are not. Set one of them.')
  }
  checkWebhookSecret(webhookSecret, reader)
  return { id: Number(id), privateKey: privateKey ?? '', webhookSecret: webhookSecret ?? '' }
}

/** Without a secret Probot would silently use `development`, and anyone could forge a webhook. */
function checkWebhookSecret(secret: string | undefined, reader: SettingsReader): void {
  const how = 'Make one with `openssl rand -hex 32` and set it here and on the App’s settings page.'
  if (!secret) {
    reader.problem(`APP_ID is set but WEBHOOK_SECRET is not: anyone could forge webhooks. ${how}`)
  } else if (secret === 'development') {
    reader.problem(`WEBHOOK_SECRET is "development", which is public knowledge. ${how}`)
  }
}

/** Accepts what people paste: PEM, PEM with literal `\n`, or base64 of PEM. */
function readPrivateKey(reader: SettingsReader): string | undefined {
  const inline = reader.get('PRIVATE_KEY')
  const path = inline ? undefined : reader.get('PRIVATE_KEY_PATH')
  const given = inline ?? (path && readKeyFile(path, reader))
  if (given === undefined) return undefined
  const pem = given.includes('-----BEGIN') ? given : Buffer.from(given, 'base64').toString('utf8')
  const key = pem.replaceAll('\\n', '\n').trim()
  const problem = keyProblem(key)
  if (problem === undefined) return key
  const what = path === undefined ? 'PRIVATE_KEY' : `PRIVATE_KEY_PATH (${path})`
  reader.problem(`${what} ${problem} Download a new key from the App’s settings page.`)
  return undefined
}

/** Why GitHub's own key, an unencrypted RSA key in PEM, cannot be this text; undefined for such a key. */
function keyProblem(pem: string): string | undefined {
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----$/.test(pem)) {
    return 'holds no PEM private key.'
  }
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem)) return 'is encrypted with a passphrase.'
  try {
    const type = createPrivateKey(pem).asymmetricKeyType
    return type === 'rsa' ? undefined : `is a key of type ${type}, but GitHub Apps use RSA keys.`
  } catch {
    return 'is damaged: part of the key is missing or was changed.'
  }
}

/** The text of the key file, which may be empty; undefined, and a problem, when it cannot be read. */
function readKeyFile(path: string, reader: SettingsReader): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    reader.problem(`PRIVATE_KEY_PATH (${path}) ${whyUnreadable(error)}`)
    return undefined
  }
}

function whyUnreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist. Set it to the .pem file that GitHub gave you.'
    case 'EISDIR':
      return 'is a directory. Set it to the .pem file in it.'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user. Change its owner or its permissions.'
    default:
      return 'cannot be read.'
  }
}
