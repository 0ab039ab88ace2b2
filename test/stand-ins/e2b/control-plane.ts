import { isIP } from 'node:net'
import { z } from 'zod'
import {
  createSandboxRecord,
  killSandbox,
  pauseSandbox,
  resumeSandbox,
  type SandboxRecord,
  setLifetime,
} from './machine.ts'

/** What E2B knows about a team. */
export interface ControlPlane {
  readonly sandboxes: Map<string, SandboxRecord>
  readonly templates: readonly string[]
  /** Sandboxes at once. */
  maxSandboxes: number
}

export interface ControlCall {
  readonly method: string
  readonly url: URL
  readonly body: unknown
  readonly reply: (status: number, body?: object, headers?: Readonly<Record<string, string>>) => void
}

const MAX_SECONDS = 3600
const DEFAULT_SECONDS = 300
const ENVD_VERSION = '0.6.4'

const NETWORK = z
  .object({
    allowOut: z.array(z.string()).optional(),
    denyOut: z.array(z.string()).optional(),
    allowPublicTraffic: z.boolean().optional(),
    rules: z.record(z.string(), z.array(z.unknown())).optional(),
  })
  .transform(dropUndefined)
const NEW_SANDBOX = z.object({
  templateID: z.string(),
  timeout: z.number().int().nonnegative().default(DEFAULT_SECONDS),
  metadata: z.record(z.string(), z.string()).default({}),
  network: NETWORK.optional(),
  autoPause: z.boolean().default(false),
})
const TIMEOUT = z.object({ timeout: z.number().int().nonnegative().default(DEFAULT_SECONDS) })

/** Answers a call of the control plane; false when there is no such route. */
export function answerControlCall(plane: ControlPlane, call: ControlCall): boolean {
  const { method, url } = call
  if (url.pathname === '/v2/sandboxes' && method === 'POST') return createSandbox(plane, call)
  if (url.pathname === '/v2/sandboxes' && method === 'GET') return listSandboxes(plane, call)
  const [, id, action = ''] = /^(?:\/v2)?\/sandboxes\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? []
  if (id === undefined) return false
  const record = plane.sandboxes.get(id)
  if (!record || record.state === 'killed') return refuse(call, 404, `sandbox "${id}" doesn't exist`)
  return answerSandboxCall(record, call, `${method} ${action}`)
}

function answerSandboxCall(record: SandboxRecord, call: ControlCall, route: string): boolean {
  switch (route) {
    case 'GET ':
      return answer(call, 200, { ...describeSandbox(record), network: record.networks.at(-1) })
    case 'DELETE ':
      killSandbox(record)
      return answer(call, 204)
    case 'POST timeout': {
      const { timeout } = TIMEOUT.parse(call.body)
      if (timeout > MAX_SECONDS) return refuse(call, 400, 'Timeout cannot be greater than 1 hours')
      setLifetime(record, timeout)
      return answer(call, 204)
    }
    case 'PUT network': {
      const network = NETWORK.parse(call.body)
      const complaint = complainAboutNetwork(network)
      if (complaint !== undefined) return refuse(call, 400, complaint)
      record.networks.push(network)
      return answer(call, 204)
    }
    case 'POST pause':
      if (record.state === 'paused') return refuse(call, 409, `sandbox "${record.id}" is already paused`)
      pauseSandbox(record)
      return answer(call, 204)
    case 'POST connect': {
      const { timeout } = TIMEOUT.parse(call.body)
      const wasPaused = record.state === 'paused'
      if (wasPaused) resumeSandbox(record)
      if (wasPaused || Date.now() + timeout * 1000 > record.endAt.getTime()) setLifetime(record, timeout)
      return answer(call, wasPaused ? 201 : 200, describeAccess(record))
    }
    default:
      return false
  }
}

function createSandbox(plane: ControlPlane, call: ControlCall): boolean {
  const parsed = NEW_SANDBOX.safeParse(call.body)
  if (!parsed.success) return refuse(call, 400, 'error when parsing the request')
  const { templateID, timeout, metadata, network, autoPause } = parsed.data
  const alive = [...plane.sandboxes.values()].filter(({ state }) => state === 'running')
  if (alive.length >= plane.maxSandboxes) {
    return refuse(
      call,
      429,
      `you have reached the maximum number of concurrent E2B sandboxes (${plane.maxSandboxes})`,
    )
  }
  if (!plane.templates.includes(templateID)) return refuse(call, 404, `template '${templateID}' not found`)
  if (timeout > MAX_SECONDS) return refuse(call, 400, 'Timeout cannot be greater than 1 hours')
  const complaint = complainAboutNetwork(network)
  if (complaint !== undefined) return refuse(call, 400, complaint)
  const wanted = { templateId: templateID, metadata, network, timeoutSeconds: timeout, autoPause }
  const record = createSandboxRecord(wanted)
  plane.sandboxes.set(record.id, record)
  return answer(call, 201, describeAccess(record))
}

function listSandboxes(plane: ControlPlane, call: ControlCall): boolean {
  const { searchParams } = call.url
  // Keys and values are encoded once more inside of the parameter.
  const wanted = [...new URLSearchParams(searchParams.get('metadata') ?? '')].map((pair) =>
    pair.map(decodeURIComponent),
  )
  const states = searchParams.get('state')?.split(',') ?? ['running', 'paused']
  const found = [...plane.sandboxes.values()]
    .filter(({ state }) => states.includes(state))
    .filter(({ metadata }) => wanted.every(([key = '', value]) => metadata[key] === value))
  const limit = Number(searchParams.get('limit') ?? 100)
  const start = Number(searchParams.get('nextToken') ?? 0)
  const more = found.length > start + limit
  const page = found.slice(start, start + limit).map(describeSandbox)
  call.reply(200, page, more ? { 'x-next-token': String(start + limit) } : {})
  return true
}

function describeAccess(record: SandboxRecord): object {
  return {
    sandboxID: record.id,
    templateID: record.templateId,
    clientID: 'stand-in',
    envdVersion: ENVD_VERSION,
    envdAccessToken: record.accessToken,
    trafficAccessToken: null,
    domain: null,
  }
}

function describeSandbox(record: SandboxRecord): object {
  return {
    sandboxID: record.id,
    templateID: record.templateId,
    clientID: 'stand-in',
    startedAt: record.startedAt.toISOString(),
    endAt: record.endAt.toISOString(),
    cpuCount: 2,
    memoryMB: 512,
    diskSizeMB: 1024,
    metadata: record.metadata,
    state: record.state,
    envdVersion: ENVD_VERSION,
  }
}

function answer({ reply }: ControlCall, status: number, body?: object): true {
  reply(status, body)
  return true
}

function refuse(call: ControlCall, status: number, message: string): true {
  return answer(call, status, { code: status, message })
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never
}

/** Egress as E2B's API takes it. */
export interface NetworkConfig {
  readonly allowOut?: readonly string[]
  readonly denyOut?: readonly string[]
  readonly allowPublicTraffic?: boolean
  readonly rules?: Readonly<Record<string, readonly unknown[]>>
}

const EVERYTHING = '0.0.0.0/0'
const MAX_RULE_DOMAINS = 10

/** @returns what E2B's API would complain about; undefined when it would accept it. */
function complainAboutNetwork(network: NetworkConfig | undefined): string | undefined {
  if (!network) return undefined
  const { allowOut = [], denyOut = [], rules = {} } = network
  const notAddress = denyOut.find((entry) => !isAddress(entry))
  if (notAddress !== undefined) return `invalid denied CIDR ${notAddress}`
  const domains = allowOut.filter((entry) => !isAddress(entry))
  if (domains.length > 0 && !denyOut.includes(EVERYTHING)) {
    return `When specifying allowed domains in allow out, you must include 'ALL_TRAFFIC' in deny out to block all other traffic.`
  }
  const notDomain = domains.find((entry) => !/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(entry))
  if (notDomain !== undefined) return `invalid allowed domain ${notDomain}`
  if (Object.keys(rules).length > MAX_RULE_DOMAINS)
    return `network rules can have at most ${MAX_RULE_DOMAINS} domains`
  const many = Object.entries(rules).find(([, transforms]) => transforms.length !== 1)
  return many ? `domain ${many[0]} must have exactly one transform` : undefined
}

function isAddress(entry: string): boolean {
  const [address = '', bits] = entry.split('/')
  return isIP(address) !== 0 && (bits === undefined || /^\d{1,3}$/.test(bits))
}
