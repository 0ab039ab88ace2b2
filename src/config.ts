import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { BackspaceError } from './errors.ts'
import { type FunctionSettings, reachOfFunction, readFunctionSettings } from './settings/function-settings.ts'
import { type GitHubSettings, readGitHubSettings } from './settings/github-settings.ts'
import { type AgentSettings, readAgents } from './settings/read-agents.ts'
import { readCredential } from './settings/read-credential.ts'
import { type DatabaseSettings, readDatabase } from './settings/read-database.ts'
import { type ModelsSettings, readModelsSettings } from './settings/read-models.ts'
import { type OtlpSettings, readOtlp } from './settings/read-otlp.ts'
import { readTracedPrivate } from './settings/read-traced-private.ts'
import {
  type CommandMinutes,
  readAdmissionLimits,
  readCommandMinutes,
  readRetention,
  readSandboxSettings,
  readWebSettings,
  type SandboxSettings,
  type WebSettings,
} from './settings/sections.ts'
import { createSettingsReader, type Environment, type SettingsReader } from './settings/settings-reader.ts'
import { urlSecrets } from './settings/url-secrets.ts'

/** Every setting of an operator, parsed once. `src/settings/variables.ts` lists the environment variables. */
export interface Config {
  readonly github: GitHubSettings
  readonly models: ModelsSettings
  readonly agents: AgentSettings
  readonly sandbox: SandboxSettings
  readonly tracing: TracingSettings | undefined
  readonly otlp: OtlpSettings | undefined
  readonly web: WebSettings
  readonly database: DatabaseSettings
  readonly label: string
  /** Marks the sandboxes of this service, so that it never ends those of another. */
  readonly deployment: string
  readonly role: Role
  /** True in a serverless function: the platform starts this process for a request and freezes it between requests. */
  readonly inFunction: boolean
  readonly functions: FunctionSettings
  /** How many runs this process works on at once. */
  readonly concurrency: number
  /** Seconds between SIGTERM and the moment when the supervisor kills the process. */
  readonly graceSeconds: number
  readonly admission: ReturnType<typeof readAdmissionLimits>
  readonly retention: ReturnType<typeof readRetention>
  /** How many daily backups of an embedded database are kept; 0 means that none are made. */
  readonly backups: number
  /** The most that one run may use. */
  readonly limits: {
    readonly steps: number
    readonly minutes: number
    readonly usd: number
    readonly tokens: number
  }
  /** Bytes of the largest file that is published; bytes that a sandbox gets from Git LFS; lines that a change may have. */
  readonly files: { readonly fileBytes: number; readonly lfsBytes: number; readonly lines: number }
  /** How long the repository's own commands may take. */
  readonly commandMinutes: CommandMinutes
  /** How thoroughly clean sandboxes verify a change, and how many minutes that may take; a repository may ask for less. */
  readonly verify: { readonly mode: 'full' | 'checks' | 'off'; readonly minutes: number }
  readonly logLevel: LogLevel
  /** This machine's PATH: local sandboxes offer the tools on it. */
  readonly path: string | undefined
  /** What programs on the host need to reach the network: PATH and, where they are set, proxies and certificates. */
  readonly hostEnvironment: Readonly<Record<string, string>>
  /** Absolute paths of the service's own files and directories (keys, settings, data), which no sandbox may see. */
  readonly ownPaths: readonly string[]
  /** Every secret value, for masking. */
  readonly secrets: readonly string[]
}

export interface TracingSettings {
  readonly apiKey: string
  readonly endpoint: string
  readonly project: string
  /** Patterns of `owner/name`: the private repositories whose runs are traced too. */
  readonly privateRepositories: readonly string[]
}

/** `web` answers HTTP and queues runs, `worker` carries runs out, `all` does both. */
export type Role = 'all' | 'web' | 'worker'

const LOG_LEVELS = ['info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * Parses the environment into a frozen Config.
 *
 * @param options.inFunction whether this process is a function; it then has the role `web`, whatever the variable says.
 * @throws {BackspaceError} `config_invalid`, naming every variable that is wrong and what to set.
 */
export function readConfig(env: Environment = process.env, { inFunction = false } = {}): Config {
  const reader = createSettingsReader(env)
  // Made-up settings, as in a test, must not pick up the App that is stored in the current directory.
  const hasFiles = env === process.env || env.DATA_DIR !== undefined
  const github = readGitHubSettings(reader, { hasFiles })
  const isGitHubCom = github.webUrl === 'https://github.com'
  const sandbox = readSandboxSettings(reader)
  const web = withOwner(readWebSettings(reader), github)
  const settings = {
    github,
    models: readModelsSettings(reader),
    agents: readAgents(reader),
    sandbox,
    tracing: readTracing(reader),
    otlp: readOtlp(reader),
    web: inFunction ? reachOfFunction(web) : web,
    database: readDatabase(reader),
    label: reader.get('BACKSPACE_LABEL') ?? 'backspace',
    deployment: reader.get('BACKSPACE_DEPLOYMENT') ?? 'default',
    role: inFunction ? ('web' as const) : readRole(reader),
    inFunction,
    functions: readFunctionSettings(reader, { inFunction, isGitHubCom, web, sandbox }),
    concurrency: reader.integer('BACKSPACE_CONCURRENCY', { min: 1, max: 1000 }),
    graceSeconds: reader.integer('BACKSPACE_GRACE_SECONDS', { min: 3, max: 3600 }),
    admission: readAdmissionLimits(reader),
    retention: readRetention(reader),
    backups: reader.integer('BACKSPACE_BACKUPS', { min: 0, max: 1000 }),
    limits: {
      steps: reader.integer('BACKSPACE_MAX_STEPS', { min: 1, max: 10_000 }),
      minutes: reader.integer('BACKSPACE_MAX_MINUTES', { min: 1, max: 1440 }),
      usd: reader.positive('BACKSPACE_BUDGET_USD'),
      tokens: reader.integer('BACKSPACE_MAX_TOKENS', { min: 1000, max: 1_000_000_000 }),
    },
    files: {
      fileBytes: reader.integer('BACKSPACE_MAX_FILE_MEGABYTES', { min: 1, max: 40 }) * 1024 ** 2,
      lines: reader.integer('BACKSPACE_MAX_LINES', { min: 100, max: 1_000_000 }),
      lfsBytes: reader.integer('BACKSPACE_MAX_LFS_MEGABYTES', { min: 0, max: 10_240 }) * 1024 ** 2,
    },
    commandMinutes: readCommandMinutes(reader),
    verify: {
      mode: reader.oneOf('BACKSPACE_VERIFY', ['full', 'checks', 'off']),
      minutes: reader.integer('BACKSPACE_VERIFY_MINUTES', { min: 1, max: 1440 }),
    },
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS),
    path: env.PATH,
    hostEnvironment: readHostEnvironment(env),
    ownPaths: ['.env', reader.get('PRIVATE_KEY_PATH'), reader.get('DATA_DIR') ?? '.data']
      .filter((path) => path !== undefined)
      .map((path) => resolve(path)),
  }
  if (reader.problems.length > 0) {
    throw new BackspaceError('config_invalid', reader.problems.join('\n'))
  }
  return deepFreeze({ ...settings, secrets: [...secretsOf(settings), ...cloudSecrets(env)] })
}

/** Without OPERATORS, the person who created the App on the setup page is the operator. An organisation is not. */
function withOwner(web: WebSettings, { app }: GitHubSettings): WebSettings {
  const { owner, ownerType } = app?.stored ?? {}
  if (web.operators.length > 0 || owner === undefined || ownerType !== 'User') return web
  return { ...web, operators: [owner.toLowerCase()] }
}

const HOST_VARIABLES =
  /^(PATH|https?_proxy|no_proxy|all_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CA(INFO|PATH)|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|PIP_CERT|CARGO_HTTP_CAINFO|NODE_EXTRA_CA_CERTS)$/i

function readHostEnvironment(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && HOST_VARIABLES.test(entry[0]),
    ),
  )
}

function readTracing(reader: SettingsReader): TracingSettings | undefined {
  const endpoint = reader.url('LANGSMITH_ENDPOINT') ?? ''
  const elsewhere = reader.has('LANGSMITH_ENDPOINT')
  const apiKey = readCredential(reader, 'LANGSMITH_API_KEY', { elsewhere })
  const privateRepositories = readTracedPrivate(reader, 'LANGSMITH_TRACE_PRIVATE')
  const project = reader.get('LANGSMITH_PROJECT') ?? 'backspace'
  return apiKey ? { apiKey, endpoint, project, privateRepositories } : undefined
}

function readRole(reader: SettingsReader): Role {
  const role = reader.oneOf('BACKSPACE_ROLE', ['all', 'web', 'worker'])
  if (role !== 'all' && !reader.get('DATABASE_URL')) {
    reader.problem(
      `BACKSPACE_ROLE is ${role}, but the embedded database serves one process only. Set DATABASE_URL, or leave the role at all.`,
    )
  }
  return role
}

/** Absolute path of the directory for Backspace's own data. Commands that need no other setting call it directly. */
export function dataDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.DATA_DIR?.trim() || '.data')
}

function secretsOf(settings: Omit<Config, 'secrets'>): string[] {
  const { github, models, sandbox, tracing, otlp, web, functions } = settings
  return [
    github.app?.privateKey,
    github.app?.webhookSecret,
    github.oauth?.clientSecret,
    github.pat,
    models.anthropic?.apiKey,
    models.openai?.apiKey,
    ...Object.values(models.compatible).map(({ apiKey }) => apiKey),
    sandbox.e2b?.apiKey,
    tracing?.apiKey,
    ...Object.values(otlp?.headers ?? {}),
    web.ownToken,
    functions.secret,
    ...web.apiTokens.map(({ token }) => token),
    ...addressesIn(settings).flatMap(urlSecrets),
  ].filter((secret): secret is string => secret !== undefined && secret !== '')
}

/** Secrets that the libraries of cloud providers read from the environment themselves; they are masked like all others. */
function cloudSecrets(env: Environment): string[] {
  const values = [env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN, env.AWS_BEARER_TOKEN_BEDROCK]
  return values.map((value) => value?.trim() ?? '').filter((value) => value !== '')
}

/** Every URL among the settings, since each may hold a password. */
function addressesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.includes('://') ? [value] : []
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(addressesIn) : []
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const item of Object.values(value)) deepFreeze(item)
  }
  return value
}

/**
 * Finds the settings files of this process that every user of the machine may read. A fresh copy of .env.example is one,
 * so the caller warns and does not refuse to start.
 *
 * @param execArgv options of Node, such as `--env-file-if-exists=.env`.
 */
export function findOpenEnvFiles(execArgv: readonly string[] = process.execArgv): string[] {
  if (process.platform === 'win32') return []
  return execArgv.flatMap((option) => {
    const file = /^--env-file(?:-if-exists)?=(.+)$/.exec(option)?.[1]
    const mode = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.mode
    return file !== undefined && mode !== undefined && (mode & 0o004) !== 0 ? [file] : []
  })
}

/** The environment of a person who runs a command; git finds their credentials in it. The service reads a Config instead. */
export function personalEnvironment(): Environment {
  return process.env
}
