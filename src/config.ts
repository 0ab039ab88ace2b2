import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { BackspaceError } from './errors.ts'
import type { ModelRef } from './models/model.ts'

/**
 * Every environment variable that Backspace reads, with its default and its meaning. README's table and
 * `.env.example` are tested against this list. Names are the ones that Probot and the SDKs use themselves.
 */
export const VARIABLES = {
  APP_ID: text('GitHub App id'),
  PRIVATE_KEY: text("The App's private key (PEM; literal `\\n` and base64 are accepted)"),
  PRIVATE_KEY_PATH: text("File that holds the App's private key, instead of `PRIVATE_KEY`"),
  WEBHOOK_SECRET: text("The App's webhook secret; required with `APP_ID`"),
  WEBHOOK_PATH: text('Path that GitHub delivers webhooks to', '/api/github/webhooks'),
  GITHUB_PAT: text('Personal access token; enough for `POST /code` without an App'),
  GHE_HOST: text('Host of a GitHub Enterprise Server, instead of github.com'),
  GHE_PROTOCOL: text('`https` or `http`, with `GHE_HOST`', 'https'),
  ANTHROPIC_API_KEY: text('Claude: the first model of the chain'),
  ANTHROPIC_BASE_URL: text('Another address for the Anthropic API'),
  OPENAI_API_KEY: text('OpenAI: takes over when Claude is out'),
  OPENAI_BASE_URL: text('Another address for the OpenAI API'),
  BACKSPACE_MODELS: text(
    'Models in the order they are tried, comma-separated `provider:id`',
    'anthropic:claude-opus-5-5,anthropic:claude-sonnet-5-5,openai:gpt-6.1-sol',
  ),
  E2B_API_KEY: text('E2B: runs every repository in a cloud sandbox'),
  E2B_API_URL: text('Another address for the E2B control plane'),
  E2B_SANDBOX_URL: text('Another address for E2B sandboxes'),
  E2B_TEMPLATE: text('E2B template that sandboxes start from', 'base'),
  BACKSPACE_SANDBOX: text(
    '`auto` (E2B with a key, else local), `e2b`, `local` (bubblewrap) or `unconfined` (no isolation: only for code you trust)',
    'auto',
  ),
  BACKSPACE_EGRESS: text(
    'Hosts that code in the sandbox may reach, comma-separated; empty for none',
    'registry.npmjs.org,registry.yarnpkg.com,pypi.org,files.pythonhosted.org,crates.io,static.crates.io,index.crates.io,proxy.golang.org,sum.golang.org,repo.maven.apache.org,rubygems.org',
  ),
  LANGSMITH_API_KEY: text('LangSmith: one trace per run'),
  LANGSMITH_ENDPOINT: text('Another address for LangSmith', 'https://api.smith.langchain.com'),
  LANGSMITH_PROJECT: text('LangSmith project that traces go to', 'backspace'),
  HOST: text('Address to listen on', '127.0.0.1'),
  PORT: text('Port to listen on', '3000'),
  PUBLIC_URL: text('Address of this service as people reach it, for links', 'http://HOST:PORT'),
  API_TOKENS: text(
    'Bearer tokens for `POST /code`, comma-separated, `name=token` or `token`, 16 characters or more; without any, only this machine may call it',
  ),
  DATABASE_URL: text('PostgreSQL, for more than one process; without it PGlite in `DATA_DIR`'),
  DATA_DIR: text('Directory of the embedded database', '.data'),
  BACKSPACE_LABEL: text('Label that starts a run on an issue', 'backspace'),
  BACKSPACE_DEPLOYMENT: text('Name of this installation; marks its sandboxes', 'default'),
  BACKSPACE_CONCURRENCY: text('Runs at once in this process', '4'),
  BACKSPACE_MAX_STEPS: text('Model turns per run', '120'),
  BACKSPACE_MAX_MINUTES: text('Minutes per run', '30'),
  BACKSPACE_BUDGET_USD: text('Dollars per run', '5'),
  LOG_LEVEL: text('`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`', 'info'),
} as const satisfies Record<string, Variable>

export interface Variable {
  readonly about: string
  readonly default: string | undefined
}
function text(about: string, fallback?: string): Variable {
  return { about, default: fallback }
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface Config {
  readonly github: GitHubConfig
  readonly models: ModelsConfig
  readonly sandbox: SandboxConfig
  readonly tracing: TracingConfig | undefined
  readonly web: WebConfig
  readonly database: { readonly url: string } | { readonly dataDir: string }
  readonly label: string
  readonly deployment: string
  readonly concurrency: number
  readonly limits: { readonly steps: number; readonly minutes: number; readonly usd: number }
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Every secret value, for masking. */
  readonly secrets: readonly string[]
}
export interface GitHubConfig {
  readonly app:
    | { readonly id: number; readonly privateKey: string; readonly webhookSecret: string }
    | undefined
  readonly pat: string | undefined
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string
  /** `https://github.com`, or `https://HOST`: where repositories are cloned from and `repoUrl` must point. */
  readonly webUrl: string
  readonly webhookPath: string
}
export interface ModelsConfig {
  readonly chain: readonly ModelRef[]
  readonly anthropic: ProviderConfig | undefined
  readonly openai: ProviderConfig | undefined
}
export interface ProviderConfig {
  readonly apiKey: string
  readonly baseUrl: string | undefined
}
export interface SandboxConfig {
  readonly kind: 'e2b' | 'local' | 'unconfined'
  readonly e2b:
    | {
        readonly apiKey: string
        readonly apiUrl: string | undefined
        readonly sandboxUrl: string | undefined
        readonly template: string
      }
    | undefined
  readonly egressHosts: readonly string[]
}
export interface TracingConfig {
  readonly apiKey: string
  readonly endpoint: string
  readonly project: string
}
export interface WebConfig {
  readonly host: string
  readonly port: number
  /** Without a trailing slash; undefined: made from the address that the server really listens on. */
  readonly publicUrl: string | undefined
  readonly apiTokens: readonly { readonly name: string; readonly token: string }[]
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * Parses the environment once into a frozen Config.
 *
 * @throws {BackspaceError} `config_invalid`, naming every variable that is wrong and what to set.
 */
export function readConfig(env: Environment = process.env): Config {
  const problems: string[] = []
  const get = (name: keyof typeof VARIABLES) => env[name]?.trim() || VARIABLES[name].default
  const integer = (name: keyof typeof VARIABLES, min: number, max: number) => {
    const parsed = z.coerce.number().int().min(min).max(max).safeParse(get(name))
    if (parsed.success) return parsed.data
    problems.push(`${name} must be a whole number from ${min} to ${max}, not "${get(name)}".`)
    return min
  }

  const config: Config = {
    github: readGitHub(env, get, problems),
    models: readModels(get, problems),
    sandbox: readSandbox(env, get, problems),
    tracing: readTracing(get, problems),
    web: readWeb(env, get, integer('PORT', 0, 65_535), problems),
    database: readDatabase(get, problems),
    label: get('BACKSPACE_LABEL') ?? 'backspace',
    deployment: get('BACKSPACE_DEPLOYMENT') ?? 'default',
    concurrency: integer('BACKSPACE_CONCURRENCY', 1, 1000),
    limits: {
      steps: integer('BACKSPACE_MAX_STEPS', 1, 10_000),
      minutes: integer('BACKSPACE_MAX_MINUTES', 1, 1440),
      usd: readNumber('BACKSPACE_BUDGET_USD', get('BACKSPACE_BUDGET_USD'), problems),
    },
    logLevel: readLogLevel(get('LOG_LEVEL'), problems),
    secrets: [],
  }
  if (problems.length > 0) {
    throw new BackspaceError('config_invalid', problems.join('\n'), { facts: { problems } })
  }
  return deepFreeze({ ...config, secrets: secretsOf(config) })
}

type Get = (name: keyof typeof VARIABLES) => string | undefined

function readGitHub(env: Environment, get: Get, problems: string[]): GitHubConfig {
  const host = get('GHE_HOST')
  const protocol = get('GHE_PROTOCOL') ?? 'https'
  if (protocol !== 'https' && protocol !== 'http') problems.push('GHE_PROTOCOL must be `https` or `http`.')
  if (host && /[/@\s]/.test(host)) {
    problems.push('GHE_HOST must be a host name, with a port if needed, and nothing else: github.example.org')
  }
  const webhookPath = get('WEBHOOK_PATH') ?? '/api/github/webhooks'
  if (!webhookPath.startsWith('/')) problems.push('WEBHOOK_PATH must start with "/".')
  return {
    app: readApp(env, get, problems),
    pat: get('GITHUB_PAT'),
    apiUrl: host ? `${protocol}://${host}/api/v3` : 'https://api.github.com',
    webUrl: host ? `${protocol}://${host}` : 'https://github.com',
    webhookPath,
  }
}

function readApp(env: Environment, get: Get, problems: string[]): GitHubConfig['app'] {
  const id = get('APP_ID')
  const privateKey = readPrivateKey(get, problems)
  const webhookSecret = get('WEBHOOK_SECRET')
  if (!id && !privateKey) return undefined
  if (!id)
    problems.push('A private key is set but APP_ID is not. Set APP_ID to the id on the App’s settings page.')
  if (id && !/^\d+$/.test(id)) problems.push(`APP_ID must be the App’s numeric id, not "${id}".`)
  if (!privateKey && !env.PRIVATE_KEY_PATH) {
    problems.push('APP_ID is set but PRIVATE_KEY and PRIVATE_KEY_PATH are not. Set one of them.')
  }
  if (!webhookSecret) {
    problems.push(
      'APP_ID is set but WEBHOOK_SECRET is not: anybody could forge webhooks. Set WEBHOOK_SECRET to the secret on the App’s settings page (make one with `openssl rand -hex 32`).',
    )
  } else if (webhookSecret === 'development') {
    problems.push(
      'WEBHOOK_SECRET is "development", which everybody knows. Make one with `openssl rand -hex 32`.',
    )
  }
  return { id: Number(id), privateKey: privateKey ?? '', webhookSecret: webhookSecret ?? '' }
}

function readPrivateKey(get: Get, problems: string[]): string | undefined {
  let key = get('PRIVATE_KEY')
  const path = get('PRIVATE_KEY_PATH')
  if (!key && path) {
    try {
      key = readFileSync(path, 'utf8').trim()
    } catch {
      problems.push('PRIVATE_KEY_PATH names a file that cannot be read.')
      return undefined
    }
  }
  if (!key) return undefined
  if (!key.includes('-----BEGIN')) key = Buffer.from(key, 'base64').toString('utf8')
  key = key.replaceAll('\\n', '\n')
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----/.test(key)) return key
  problems.push('PRIVATE_KEY is not a PEM private key. Download a new one from the App’s settings page.')
  return undefined
}

function readModels(get: Get, problems: string[]): ModelsConfig {
  const chain: ModelRef[] = []
  for (const item of splitList(get('BACKSPACE_MODELS'))) {
    const ref = parseModelRef(item)
    if (ref) chain.push(ref)
    else
      problems.push(
        `BACKSPACE_MODELS has "${item}"; write \`anthropic:<model id>\` or \`openai:<model id>\`.`,
      )
  }
  return {
    chain,
    anthropic: readProvider(
      'ANTHROPIC_BASE_URL',
      get('ANTHROPIC_API_KEY'),
      get('ANTHROPIC_BASE_URL'),
      problems,
    ),
    openai: readProvider('OPENAI_BASE_URL', get('OPENAI_API_KEY'), get('OPENAI_BASE_URL'), problems),
  }
}

/** `anthropic:claude-opus-5-5` → its parts; undefined when it is not of that form. */
export function parseModelRef(text: string): ModelRef | undefined {
  const match = /^(anthropic|openai|scripted):(\S+)$/.exec(text)
  if (!match?.[1] || !match[2]) return undefined
  return { provider: match[1] as ModelRef['provider'], id: match[2] }
}

function readProvider(
  urlName: string,
  apiKey: string | undefined,
  baseUrl: string | undefined,
  problems: string[],
): ProviderConfig | undefined {
  checkUrl(urlName, baseUrl, problems)
  return apiKey ? { apiKey, baseUrl } : undefined
}

function readSandbox(env: Environment, get: Get, problems: string[]): SandboxConfig {
  const apiKey = get('E2B_API_KEY')
  const wanted = get('BACKSPACE_SANDBOX') ?? 'auto'
  if (!['auto', 'e2b', 'local', 'unconfined'].includes(wanted)) {
    problems.push(`BACKSPACE_SANDBOX must be auto, e2b, local or unconfined, not "${wanted}".`)
  }
  if (wanted === 'e2b' && !apiKey) problems.push('BACKSPACE_SANDBOX is e2b but E2B_API_KEY is not set.')
  checkUrl('E2B_API_URL', get('E2B_API_URL'), problems)
  checkUrl('E2B_SANDBOX_URL', get('E2B_SANDBOX_URL'), problems)
  const egress =
    env.BACKSPACE_EGRESS === undefined ? VARIABLES.BACKSPACE_EGRESS.default : env.BACKSPACE_EGRESS
  const auto = apiKey ? 'e2b' : 'local'
  return {
    kind: wanted === 'e2b' || wanted === 'local' || wanted === 'unconfined' ? wanted : auto,
    e2b: apiKey
      ? {
          apiKey,
          apiUrl: get('E2B_API_URL'),
          sandboxUrl: get('E2B_SANDBOX_URL'),
          template: get('E2B_TEMPLATE') ?? 'base',
        }
      : undefined,
    egressHosts: splitList(egress),
  }
}

function readTracing(get: Get, problems: string[]): TracingConfig | undefined {
  const apiKey = get('LANGSMITH_API_KEY')
  const endpoint = get('LANGSMITH_ENDPOINT') ?? ''
  checkUrl('LANGSMITH_ENDPOINT', endpoint, problems)
  return apiKey ? { apiKey, endpoint, project: get('LANGSMITH_PROJECT') ?? 'backspace' } : undefined
}

function readWeb(env: Environment, get: Get, port: number, problems: string[]): WebConfig {
  const publicUrl = env.PUBLIC_URL?.trim() || undefined
  checkUrl('PUBLIC_URL', publicUrl, problems)
  const apiTokens = splitList(get('API_TOKENS')).map((item, index) => {
    const separator = item.indexOf('=')
    const named = separator > 0 && separator <= 40
    return named
      ? { name: item.slice(0, separator), token: item.slice(separator + 1) }
      : { name: `token-${index + 1}`, token: item }
  })
  if (apiTokens.some(({ token }) => token.length < 16)) {
    problems.push('API_TOKENS has a token of under 16 characters. Make one with `openssl rand -hex 32`.')
  }
  return { host: get('HOST') ?? '127.0.0.1', port, publicUrl: publicUrl?.replace(/\/+$/, ''), apiTokens }
}

function readDatabase(get: Get, problems: string[]): Config['database'] {
  const url = get('DATABASE_URL')
  if (!url) return { dataDir: get('DATA_DIR') ?? '.data' }
  if (!/^postgres(ql)?:\/\//.test(url)) problems.push('DATABASE_URL must start with postgres://')
  return { url }
}

function readNumber(name: string, value: string | undefined, problems: string[]): number {
  const parsed = z.coerce.number().positive().max(10_000).safeParse(value)
  if (parsed.success) return parsed.data
  problems.push(`${name} must be a number above 0, not "${value}".`)
  return 1
}

function readLogLevel(value: string | undefined, problems: string[]): Config['logLevel'] {
  const level = LOG_LEVELS.find((known) => known === value)
  if (!level) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${value}".`)
  return level ?? 'info'
}

function checkUrl(name: string, value: string | undefined, problems: string[]): void {
  if (!value) return
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    problems.push(`${name} must be an http or https address, not "${value}".`)
  }
}

function splitList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function secretsOf({ github, models, sandbox, tracing, web, database }: Config): string[] {
  const databasePassword =
    'url' in database && URL.canParse(database.url) ? new URL(database.url).password : ''
  return [
    github.app?.privateKey,
    github.app?.webhookSecret,
    github.pat,
    models.anthropic?.apiKey,
    models.openai?.apiKey,
    sandbox.e2b?.apiKey,
    tracing?.apiKey,
    databasePassword,
    ...web.apiTokens.map(({ token }) => token),
  ].filter((secret): secret is string => secret !== undefined && secret !== '')
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const item of Object.values(value)) deepFreeze(item)
  }
  return value
}
