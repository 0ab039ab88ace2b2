import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { goOn, type WatchRequests } from '../watch-requests.ts'
import {
  answerControlCall,
  type ControlCall,
  type ControlPlane,
  type NetworkConfig,
} from './control-plane.ts'
import { answerJson, answerSandbox, readBody } from './envd.ts'
import { createSandboxRecord, killSandbox } from './machine.ts'

/** Plays E2B: control plane and sandboxes behind one address, commands as real processes. */
export interface E2bStandIn {
  /** For both `E2B_API_URL` and `E2B_SANDBOX_URL`. */
  readonly url: string
  readonly sandboxes: () => readonly SandboxState[]
  /** Every byte that was sent into a sandbox or about one, for the canary search; the API key itself is left out. */
  received(): Buffer
  /** Ends a sandbox as if its machine had died. */
  killSandbox(id: string): void
  /** Breaks the connections of running commands; the commands go on. */
  dropStreams(id: string): void
  /** Answers the next calls whose `METHOD /path` matches with a failure. */
  failNext(fault: E2bFault): void
  /** Lets the next calls whose `METHOD /path` matches wait before anything happens. */
  delayNext(delay: E2bDelay): void
  /** Makes sandboxes as others of the same team do, without asking. */
  addSandbox(metadata: Readonly<Record<string, string>>, startedAt?: Date): string
  /** Sandboxes at once, 429 beyond. */
  limitSandboxes(count: number): void
  close(): Promise<void>
}

interface SandboxState {
  readonly id: string
  readonly templateId: string
  readonly metadata: Readonly<Record<string, string>>
  readonly state: 'running' | 'paused' | 'killed'
  readonly endAt: Date
  /** Every network configuration that was set, the latest last. */
  readonly networks: readonly NetworkConfig[]
}

interface E2bDelay {
  readonly call: RegExp
  readonly ms: number
  readonly times?: number
}

interface E2bFault {
  readonly call: RegExp
  readonly status: number
  readonly times?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The effect still happens; only the answer is lost. */
  readonly afterEffect?: boolean
}

export async function startE2b(options: {
  readonly apiKey: string
  readonly templates?: readonly string[]
  readonly watch?: WatchRequests
}): Promise<E2bStandIn> {
  const { apiKey, templates = ['base'], watch = goOn } = options
  const plane: ControlPlane = { sandboxes: new Map(), templates, maxSandboxes: 100 }
  const faults: { fault: E2bFault; left: number }[] = []
  const delays: { delay: E2bDelay; left: number }[] = []
  const record: Buffer[] = []

  function takeFault(call: string): E2bFault | undefined {
    const found = faults.find(({ fault, left }) => left > 0 && fault.call.test(call))
    if (found) found.left--
    return found?.fault
  }

  async function waitIfToldTo(call: string): Promise<void> {
    const found = delays.find(({ delay, left }) => left > 0 && delay.call.test(call))
    if (!found) return
    found.left--
    await setTimeout(found.delay.ms, undefined, { ref: false })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const body = await readBody(request)
    const sandboxId = String(request.headers['e2b-sandbox-id'] ?? '')
    const { 'x-api-key': key, ...headers } = request.headers
    record.push(Buffer.from(`${request.method} ${request.url}\n${JSON.stringify(headers)}\n`), body)
    await waitIfToldTo(`${request.method} ${url.pathname}`)
    const fault = takeFault(`${request.method} ${url.pathname}`)
    const fail = () => response.writeHead(fault?.status ?? 500, fault?.headers).end()
    if (fault && !fault.afterEffect) return void fail()
    const remotePort = request.socket.remotePort ?? 0
    const seen = { server: 'e2b', method: request.method ?? '', path: url.pathname, remotePort } as const
    if ((await watch({ ...seen, when: 'before' })) === 'cut') return void request.socket.destroy()
    if (sandboxId !== '')
      return answerSandbox({ request, response, url, body, sandbox: plane.sandboxes.get(sandboxId) })
    if (key !== apiKey) return answerJson(response, 401, { code: 401, message: 'invalid API key' })
    const reply: ControlCall['reply'] = fault
      ? fail
      : async (status, value, extra) => {
          if ((await watch({ ...seen, when: 'after' })) === 'cut') request.socket.destroy()
          else answerJson(response, status, value, extra)
        }
    const call = { method: request.method ?? '', url, body: parseJson(body), reply }
    if (!answerControlCall(plane, call)) reply(404, { code: 404, message: 'no such route' })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) =>
      answerJson(response, 500, { code: 500, message: String(error) }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    sandboxes: () => [...plane.sandboxes.values()],
    received: () => Buffer.concat(record),
    killSandbox(id) {
      const found = plane.sandboxes.get(id)
      if (found) killSandbox(found)
    },
    dropStreams(id) {
      for (const stream of plane.sandboxes.get(id)?.streams ?? []) stream.destroy()
    },
    failNext: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    delayNext: (delay) => void delays.push({ delay, left: delay.times ?? 1 }),
    addSandbox(metadata, startedAt = new Date()) {
      const wanted = { templateId: 'base', metadata, network: undefined, timeoutSeconds: 3600 }
      const added = { ...createSandboxRecord({ ...wanted, autoPause: false }), startedAt }
      plane.sandboxes.set(added.id, added)
      return added.id
    },
    limitSandboxes(count) {
      plane.maxSandboxes = count
    },
    async close() {
      for (const sandbox of plane.sandboxes.values()) killSandbox(sandbox)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function parseJson(body: Buffer): unknown {
  return body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
}
