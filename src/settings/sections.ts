import { resolve } from 'node:path'
import type { AdmissionLimits } from '../runs/admission/admission-limits.ts'
import type { Retention } from '../runs/upkeep/prune.ts'
import type { SetupCacheLimits } from '../setup-cache/sweep-setup-cache.ts'
import { GIB } from '../text/amounts.ts'
import { type ReachSettings, readReach } from './reach.ts'
import { type ConfiguredToken, readApiTokens } from './read-api-tokens.ts'
import { readCredential } from './read-credential.ts'
import { type EgressSettings, readEgress } from './read-egress.ts'
import type { SettingsReader } from './settings-reader.ts'

export interface SandboxSettings extends EgressSettings {
  readonly kind: 'e2b' | 'local' | 'unconfined'
  readonly e2b: E2bSettings | undefined
  /** `auto`: clone if E2B can reach github.com. It usually cannot reach an Enterprise Server. */
  readonly transport: 'auto' | 'clone' | 'upload'
  /** The most that one local sandbox may use. */
  readonly localLimits: { readonly memoryBytes: number; readonly diskBytes: number }
  /** How long the sandbox of a run stays paused after the run ended with a question or a plan. */
  readonly pauseHours: number
  /** The cache for the results of setup, which later runs use. */
  readonly setupCache: SetupCacheLimits & {
    /** Where the results for this machine's local sandboxes are kept. */
    readonly directory: string
  }
}

interface E2bSettings {
  readonly apiKey: string
  readonly apiUrl: string | undefined
  readonly sandboxUrl: string | undefined
  readonly template: string
  /** Other templates, which a repository may choose. */
  readonly templates: readonly string[]
  /** How many sandboxes the E2B plan allows at once. */
  readonly maxSandboxes: number
  readonly createsPerSecond: number
}

export function readSandboxSettings(reader: SettingsReader): SandboxSettings {
  const e2b = readE2b(reader)
  const wanted = reader.oneOf('BACKSPACE_SANDBOX', ['auto', 'e2b', 'local', 'unconfined'])
  if (wanted === 'e2b' && !e2b) {
    reader.problem('BACKSPACE_SANDBOX is e2b but E2B_API_KEY is not set. Set the key, or choose local.')
  }
  return {
    kind: wanted === 'auto' ? (e2b ? 'e2b' : 'local') : wanted,
    e2b,
    transport: reader.oneOf('BACKSPACE_TRANSPORT', ['auto', 'clone', 'upload']),
    ...readEgress(reader),
    localLimits: {
      memoryBytes: reader.positive('BACKSPACE_SANDBOX_MEMORY_GIB') * GIB,
      diskBytes: reader.positive('BACKSPACE_SANDBOX_DISK_GIB') * GIB,
    },
    pauseHours: reader.integer('BACKSPACE_PAUSE_HOURS', { min: 0, max: 24 * 30 }),
    setupCache: {
      entries: reader.integer('BACKSPACE_SETUP_CACHE', { min: 0, max: 10_000 }),
      bytes: reader.positive('BACKSPACE_SETUP_CACHE_GIB') * GIB,
      days: reader.integer('BACKSPACE_SETUP_CACHE_DAYS', RANGE),
      directory: resolve(reader.get('DATA_DIR') ?? '.data', 'setup-cache'),
    },
  }
}

function readE2b(reader: SettingsReader): E2bSettings | undefined {
  const apiUrl = reader.url('E2B_API_URL')
  const apiKey = readCredential(reader, 'E2B_API_KEY', { elsewhere: apiUrl !== undefined })
  const sandboxUrl = reader.url('E2B_SANDBOX_URL')
  const maxSandboxes = reader.integer('E2B_MAX_SANDBOXES', { min: 1, max: 100_000 })
  const createsPerSecond = reader.positive('E2B_CREATES_PER_SECOND')
  const template = reader.get('E2B_TEMPLATE') ?? 'base'
  const templates = reader.list('E2B_TEMPLATES')
  return apiKey
    ? { apiKey, apiUrl, sandboxUrl, template, templates, maxSandboxes, createsPerSecond }
    : undefined
}

export interface WebSettings {
  readonly host: string
  readonly port: number
  /** Without a trailing slash; if undefined, it is derived from the address that the server listens on. */
  readonly publicUrl: string | undefined
  readonly apiTokens: readonly ConfiguredToken[]
  /** People who see every run: GitHub logins in lower case, or account ids. */
  readonly operators: readonly string[]
  /** The API token that commands on this machine send to a service. */
  readonly ownToken: string | undefined
  readonly reach: ReachSettings
}

export function readWebSettings(reader: SettingsReader): WebSettings {
  return {
    host: reader.get('HOST') ?? '127.0.0.1',
    port: reader.integer('PORT', { min: 0, max: 65_535 }),
    publicUrl: readPublicUrl(reader),
    apiTokens: readApiTokens(reader),
    operators: readOperators(reader),
    ownToken: reader.get('BACKSPACE_TOKEN'),
    reach: readReach(reader),
  }
}

function readPublicUrl(reader: SettingsReader): string | undefined {
  const ofVercel = reader.get('VERCEL_PROJECT_PRODUCTION_URL')
  const usual =
    ofVercel !== undefined && URL.canParse(`https://${ofVercel}`) ? `https://${ofVercel}` : undefined
  return reader.url('PUBLIC_URL', { forPeople: true }) ?? usual
}

function readOperators(reader: SettingsReader): readonly string[] {
  const operators = reader.list('OPERATORS').map((name) => name.replace(/^@/, '').toLowerCase())
  const wrong = operators.find((name) => !/^[a-z\d][a-z\d_-]{0,99}$/.test(name))
  if (wrong !== undefined)
    reader.problem(
      `OPERATORS has ${JSON.stringify(wrong.slice(0, 40))}; write GitHub logins or numbers of accounts, separated by commas.`,
    )
  return operators
}

/** All limits on admission except the budget of a run, which is among the limits of the run itself. */
export function readAdmissionLimits(reader: SettingsReader): Omit<AdmissionLimits, 'usdPerRun'> {
  const count = (name: Parameters<SettingsReader['integer']>[0]) =>
    reader.integer(name, { min: 1, max: 100_000 })
  return {
    runs: count('BACKSPACE_MAX_RUNS'),
    runsPerRepository: count('BACKSPACE_MAX_RUNS_PER_REPOSITORY'),
    runsPerInstallation: count('BACKSPACE_MAX_RUNS_PER_INSTALLATION'),
    queued: count('BACKSPACE_MAX_QUEUED'),
    requestsPerHour: count('BACKSPACE_RUNS_PER_HOUR'),
    dailyUsdPerRepository: reader.positive('BACKSPACE_DAILY_USD_PER_REPOSITORY'),
    dailyUsdPerInstallation: reader.positive('BACKSPACE_DAILY_USD_PER_INSTALLATION'),
  }
}

/** How many minutes a repository's commands may take. */
export interface CommandMinutes {
  /** For all setup commands together, unless the repository asks for another limit. */
  readonly setup: number
  readonly maxSetup: number
  /** For each check, unless the repository asks for another limit. */
  readonly check: number
  /** The most that a repository may ask for; also the limit for all checks together, each time that they run. */
  readonly maxCheck: number
}

export function readCommandMinutes(reader: SettingsReader): CommandMinutes {
  const maxSetup = reader.integer('BACKSPACE_MAX_SETUP_MINUTES', { min: 1, max: 1440 })
  const maxCheck = reader.integer('BACKSPACE_MAX_CHECK_MINUTES', { min: 1, max: 1440 })
  return {
    // If only the maximum was lowered, the default must not exceed it.
    setup: Math.min(maxSetup, reader.integer('BACKSPACE_SETUP_MINUTES', { min: 1, max: 1440 })),
    maxSetup,
    check: Math.min(maxCheck, reader.integer('BACKSPACE_CHECK_MINUTES', { min: 1, max: 1440 })),
    maxCheck,
  }
}

const RANGE = { min: 1, max: 36_500 }

export function readRetention(
  reader: SettingsReader,
): Retention & { /** Days; 0: for ever. */ readonly auditDays: number } {
  return {
    auditDays: reader.integer('BACKSPACE_KEEP_AUDIT_DAYS', { min: 0, max: 36_500 }),
    eventsDays: reader.integer('BACKSPACE_KEEP_EVENTS_DAYS', RANGE),
    runsDays: reader.integer('BACKSPACE_KEEP_RUNS_DAYS', RANGE),
    // GitHub can redeliver for three days. A delivery that was deleted before would then count as new.
    deliveriesDays: reader.integer('BACKSPACE_KEEP_DELIVERIES_DAYS', { min: 4, max: 36_500 }),
  }
}
