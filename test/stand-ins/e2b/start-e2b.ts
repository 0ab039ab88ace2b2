import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { goOn, type WatchRequests } from '../watch-requests.ts'
import { answerControlCall, type ControlCall, type ControlPlane } from './control-plane.ts'
import {
  createTroubleBook,
  cutAfterMessages,
  type E2bDelay,
  type E2bFault,
  fail,
  LostResponse,
  type PlannedTrouble,
  pause,
} from './e2b-faults.ts'
import { answerJson, answerSandbox, readBody } from './envd.ts'
import { removeFiles } from './machine.ts'
import type { NetworkConfig } from './network-rules.ts'
import { breakStreams, createSandboxRecord, killSandbox, restartDaemon } from './sandbox-record.ts'

/**
 * Plays E2B: control plane and sandboxes behind one address, commands as real processes. `envd-answers.test.ts` compares
 * it with the real daemon. What it does not have: processes in snapshots (files only), enforced network rules, watches,
 * terminals, forks, templates that are built. What a machine is made of, see `namespace-machine.ts`.
 *
 * Trouble on request, for any call, selected by `METHOD /path` (see `E2bFault` for all of it):
 *
 *     const e2b = await startE2b({ apiKey, latencyMs: 40 })           // every call waits 40 ms first
 *     e2b.failNext({ call: /Process\/Start/, status: 502 })           // one call; 429, 503, 504 … alike
 *     e2b.failNext({ call: /./, status: 502, forMs: 1000 })           // a second of 502, from the first call on
 *     e2b.failNext({ call: /^GET \/files/, cut: true, times: 3 })     // three broken connections
 *     e2b.failNext({ call: /Start/, status: 502, afterEffect: true }) // the command runs, its answer is lost
 *     e2b.failNext({ call: /Start/, afterMessages: 2 })               // the stream breaks after its first output
 *     e2b.restartDaemon(id, { downMs: 500 })                          // as systemd restarts envd
 *     await e2b.goAway(1000)                                          // every connection is refused
 *     e2b.requests().filter((call) => /files/.test(call)).length      // what was asked
 */
export interface E2bStandIn {
  /** For both `E2B_API_URL` and `E2B_SANDBOX_URL`. */
  readonly url: string
  readonly sandboxes: () => readonly SandboxState[]
  /** Every byte that was sent into a sandbox or about one, for the canary search; the API key itself is left out. */
  received(): Buffer
  /** Every call as `METHOD /path`, in order, those that failed included. */
  requests(): readonly string[]
  /** Ends a sandbox as if its machine had died. */
  killSandbox(id: string): void
  /** Breaks the connections of running commands; the commands go on. */
  dropStreams(id: string): void
  /** Restarts the daemon in a sandbox; its calls get 502 for `downMs` (0 by default). See `restartDaemon`. */
  restartDaemon(id: string, options?: { readonly downMs?: number }): void
  /** Lets the next calls that match fail. */
  failNext(fault: E2bFault): PlannedTrouble
  /** Lets the next calls that match wait before anything happens. */
  delayNext(delay: E2bDelay): PlannedTrouble
  /** Every call waits this long before anything happens, as on a long line. */
  setLatency(ms: number): void
  /** Breaks every connection and refuses new ones; resolves when it is back after `ms`. */
  goAway(ms: number): Promise<void>
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

export async function startE2b(options: {
  readonly apiKey: string
  readonly templates?: readonly string[]
  readonly latencyMs?: number
  /** How long a sandbox may live: 1 on E2B’s free plan, 24 on a paid one. */
  readonly maxHours?: number
  readonly watch?: WatchRequests
}): Promise<E2bStandIn> {
  const { apiKey, templates = ['base'], maxHours = 1, watch = goOn } = options
  const plane: ControlPlane = {
    sandboxes: new Map(),
    snapshots: new Map(),
    templates,
    maxHours,
    maxSandboxes: 100,
  }
  const faults = createTroubleBook<E2bFault>()
  const delays = createTroubleBook<E2bDelay>()
  const record: Buffer[] = []
  const calls: string[] = []
  let ended = false
  let latencyMs = options.latencyMs ?? 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const call = `${request.method} ${url.pathname}`
    const sandboxId = String(request.headers['e2b-sandbox-id'] ?? '')
    const { 'x-api-key': key, ...headers } = request.headers
    calls.push(call)
    const body = await readBody(request)
    record.push(Buffer.from(`${request.method} ${request.url}\n${JSON.stringify(headers)}\n`), body)
    await pause(latencyMs)
    await pause(delays.meet({ call, sandboxId })?.ms ?? 0)
    const fault = faults.meet({ call, sandboxId })
    const seen = { method: request.method ?? '', path: url.pathname }
    const own = { server: 'e2b', ...seen, remotePort: request.socket.remotePort ?? 0 } as const
    const answerOn = async (to: ServerResponse) => {
      if ((await watch({ ...own, when: 'before' })) === 'cut') return void request.socket.destroy()
      if (sandboxId !== '') {
        const sandbox = plane.sandboxes.get(sandboxId)
        return answerSandbox({ request, response: to, url, body, sandbox })
      }
      if (key !== apiKey) return answerJson(to, 401, { code: 401, message: 'invalid API key' })
      const reply: ControlCall['reply'] = async (status, value, extra) => {
        if ((await watch({ ...own, when: 'after' })) === 'cut') request.socket.destroy()
        else answerJson(to, status, value, extra)
      }
      const control = { method: seen.method, url, body: parseJson(body), reply }
      if (!(await answerControlCall(plane, control))) reply(404, { code: 404, message: 'no such route' })
    }
    if (!fault) return answerOn(response)
    if (fault.afterMessages !== undefined && sandboxId !== '') {
      cutAfterMessages(response, fault.afterMessages)
      return answerOn(response)
    }
    const strike = () => fail(fault, { request, response, call, sandboxId })
    if (fault.afterEffect) return answerOn(new LostResponse(request, strike))
    strike()
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) =>
      answerJson(response, 500, { code: 500, message: String(error) }),
    )
  })
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  const stopListening = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    sandboxes: () => [...plane.sandboxes.values()],
    received: () => Buffer.concat(record),
    requests: () => [...calls],
    killSandbox(id) {
      const found = plane.sandboxes.get(id)
      if (found) void killSandbox(found)
    },
    dropStreams(id) {
      const found = plane.sandboxes.get(id)
      if (found) breakStreams(found)
    },
    restartDaemon(id, { downMs = 0 } = {}) {
      const found = plane.sandboxes.get(id)
      if (found) restartDaemon(found, downMs)
    },
    failNext: (fault) => faults.add(fault),
    delayNext: (delay) => delays.add(delay),
    setLatency(ms) {
      latencyMs = ms
    },
    async goAway(ms) {
      await stopListening()
      await pause(ms)
      if (!ended) await listen(port)
    },
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
      ended = true
      await Promise.all([...plane.sandboxes.values()].map(killSandbox))
      for (const { directory } of plane.snapshots.values()) await removeFiles(directory)
      await stopListening()
    },
  }
}

function parseJson(body: Buffer): unknown {
  return body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
}
