import type { SettingsReader } from './settings-reader.ts'

export interface SandboxSettings {
  readonly kind: 'e2b' | 'local' | 'unconfined'
  readonly e2b: E2bSettings | undefined
  /** `auto`: E2B clones from github.com; an Enterprise Server is usually not reachable from there. */
  readonly transport: 'auto' | 'clone' | 'upload'
  /** Hosts that code in the sandbox may reach; empty: none. */
  readonly egressHosts: readonly string[]
}

export interface E2bSettings {
  readonly apiKey: string
  readonly apiUrl: string | undefined
  readonly sandboxUrl: string | undefined
  readonly template: string
  /** Sandboxes at once that the plan allows. */
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
    egressHosts: reader.list('BACKSPACE_EGRESS', { emptyIsNone: true }),
  }
}

function readE2b(reader: SettingsReader): E2bSettings | undefined {
  const apiKey = reader.get('E2B_API_KEY')
  const apiUrl = reader.url('E2B_API_URL')
  const sandboxUrl = reader.url('E2B_SANDBOX_URL')
  const maxSandboxes = reader.integer('E2B_MAX_SANDBOXES', { min: 1, max: 100_000 })
  const createsPerSecond = reader.positive('E2B_CREATES_PER_SECOND')
  const template = reader.get('E2B_TEMPLATE') ?? 'base'
  return apiKey ? { apiKey, apiUrl, sandboxUrl, template, maxSandboxes, createsPerSecond } : undefined
}
