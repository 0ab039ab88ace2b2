import { z } from 'zod'
import { complainAboutNetwork } from './network-rules.ts'
import {
  createSandboxRecord,
  killSandbox,
  pauseSandbox,
  resumeSandbox,
  type SandboxRecord,
  setLifetime,
} from './sandbox-record.ts'
import { createSnapshot, deleteSnapshot, findSnapshot, listSnapshots, type Snapshot } from './snapshots.ts'

/** What E2B knows about a team. */
export interface ControlPlane {
  readonly sandboxes: Map<string, SandboxRecord>
  readonly templates: readonly string[]
  /** By id, which is a name with a tag if one was given. */
  readonly snapshots: Map<string, Snapshot>
  /** How long a sandbox may live. */
  readonly maxHours: number
  /** Sandboxes at once. */
  maxSandboxes: number
}

export interface ControlCall {
  readonly method: string
  readonly url: URL
  readonly body: unknown
  readonly reply: (status: number, body?: object, headers?: Readonly<Record<string, string>>) => void
}

const DEFAULT_SECONDS = 300
const ENVD_VERSION = '0.6.13'

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
  envVars: z.record(z.string(), z.string()).default({}),
  network: NETWORK.optional(),
  autoPause: z.boolean().default(false),
})
const TIMEOUT = z.object({ timeout: z.number().int().nonnegative().default(DEFAULT_SECONDS) })

/** Answers a call of the control plane; false when there is no such route. */
export async function answerControlCall(plane: ControlPlane, call: ControlCall): Promise<boolean> {
  const { method, url } = call
  if (url.pathname === '/v2/sandboxes' && method === 'POST') return createSandbox(plane, call)
  if (url.pathname === '/v2/sandboxes' && method === 'GET') return listSandboxes(plane, call)
  if (url.pathname === '/snapshots' && method === 'GET') return answer(call, 200, listSnapshots(plane, url))
  const template = /^\/templates\/([^/]+)$/.exec(url.pathname)?.[1]
  if (template !== undefined && method === 'DELETE') {
    const isThere = await deleteSnapshot(plane, decodeURIComponent(template))
    return isThere ? answer(call, 204) : refuse(call, 404, `template '${template}' not found`)
  }
  const [, id, action = ''] = /^(?:\/v2)?\/sandboxes\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? []
  if (id === undefined) return false
  const record = plane.sandboxes.get(id)
  if (!record || record.state === 'killed')
    return refuse(call, 404, `sandbox "${id}" doesn't exist or you don't have access to it`)
  if (action === 'snapshots' && method === 'POST') {
    const made = await createSnapshot(plane, record, call.body)
    return 'message' in made ? refuse(call, made.status, made.message) : answer(call, 201, made)
  }
  return answerSandboxCall(plane, record, { ...call, route: `${method} ${action}` })
}

async function answerSandboxCall(
  plane: ControlPlane,
  record: SandboxRecord,
  call: ControlCall & { readonly route: string },
): Promise<boolean> {
  switch (call.route) {
    case 'GET ':
      return answer(call, 200, { ...describeSandbox(record), network: record.networks.at(-1) })
    case 'GET metrics':
      return answer(call, 200, [describeMetrics()])
    case 'DELETE ':
      void killSandbox(record)
      return answer(call, 204)
    case 'POST timeout': {
      const { timeout } = TIMEOUT.parse(call.body)
      if (timeout > plane.maxHours * 3600) return refuse(call, 400, tooLong(plane))
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
      if (record.state === 'paused')
        return refuse(call, 409, `Error pausing sandbox - sandbox '${record.id}' is already paused`)
      await pauseSandbox(record)
      return answer(call, 204)
    case 'POST connect': {
      const { timeout } = TIMEOUT.parse(call.body)
      const wasPaused = record.state === 'paused'
      if (wasPaused) await resumeSandbox(record)
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
  const { templateID, timeout, metadata, envVars: envs, network, autoPause } = parsed.data
  const alive = [...plane.sandboxes.values()].filter(({ state }) => state === 'running')
  if (alive.length >= plane.maxSandboxes) {
    return refuse(
      call,
      429,
      `you have reached the maximum number of concurrent E2B sandboxes (${plane.maxSandboxes}). If you need more, please visit 'https://e2b.dev/docs/billing'`,
    )
  }
  const snapshot = findSnapshot(plane, templateID)
  if (!snapshot && !plane.templates.includes(templateID))
    return refuse(call, 404, `template '${templateID}' not found`)
  if (timeout > plane.maxHours * 3600) return refuse(call, 400, tooLong(plane))
  const complaint = complainAboutNetwork(network)
  if (complaint !== undefined) return refuse(call, 400, complaint)
  const wanted = { templateId: templateID, metadata, envs, network, timeoutSeconds: timeout, autoPause }
  const record = createSandboxRecord({ ...wanted, from: snapshot?.directory })
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

function describeMetrics(): object {
  const [memory, disk] = [512 * 2 ** 20, 2 ** 30]
  return {
    ...{ timestamp: new Date().toISOString(), timestampUnix: Math.floor(Date.now() / 1000) },
    ...{ cpuCount: 2, cpuUsedPct: 1, memTotal: memory, memUsed: memory / 4, memCache: 0 },
    ...{ diskTotal: disk, diskUsed: disk / 4 },
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

function tooLong({ maxHours }: ControlPlane): string {
  return `Timeout cannot be greater than ${maxHours} hours`
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
