import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type FunctionInstance, startInstance } from './function-instance.ts'

/**
 * The host of a function, as Vercel's documentation describes its life: a process starts with the first request, is stopped
 * when no request and no `waitUntil` is open, goes on with the next one, and is killed when a call has taken too long. Not as
 * there: one process at a time, unless a test takes one away; no regions; files can be written.
 */
export interface FunctionStandIn {
  readonly url: string
  /** Processes started so far. */
  starts(): number
  /** Whether the process is stopped. */
  isFrozen(): boolean
  /** Everything that the processes printed. */
  output(): string
  /** `POST /internal/work 202`, for each call that was answered. */
  calls(): readonly string[]
  /** Kills the process, as for a call that has taken too long. */
  kill(): Promise<void>
  /** Ends the process that is not needed any more. */
  scaleDown(): Promise<void>
  /** Stops the process in the middle of its work, and forgets it: no call in it ends, and the next request starts another. */
  strand(): FunctionInstance
  close(): Promise<void>
}

interface FunctionOptions {
  /** `.vercel/output/functions/index.func`, as it was built. */
  readonly directory: string
  /** @param url where the function answers. */
  readonly env: (url: string) => Readonly<Record<string, string>>
  /** Milliseconds that a call may take. */
  readonly maxMs: number
}

/** https://vercel.com/docs/functions/limitations */
const MOST_BODY_BYTES = 4.5 * 1_000_000

export async function startFunction({ directory, env, maxMs }: FunctionOptions): Promise<FunctionStandIn> {
  const deadlines = new Map<string, { readonly of: FunctionInstance; readonly timer: NodeJS.Timeout }>()
  const calls: string[] = []
  const all: FunctionInstance[] = []
  let output = ''
  let current: FunctionInstance | undefined

  function instance(): FunctionInstance {
    if (current) return current
    const started = startInstance({
      directory,
      env: { ...env(url), VERCEL: '1' },
      onOutput: (text) => {
        output += text
      },
      onDone: (call) => clearTimeout(deadlines.get(call)?.timer),
    })
    void started.ended.then(() => {
      if (current === started) current = undefined
    })
    all.push(started)
    current = started
    return started
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = incoming
    outgoing.once('close', () => calls.push(`${method} ${path} ${outgoing.statusCode}`))
    if (Number(incoming.headers['content-length'] ?? 0) > MOST_BODY_BYTES) {
      incoming.resume()
      return refuse(outgoing, 413, 'FUNCTION_PAYLOAD_TOO_LARGE')
    }
    const body = await buffer(incoming)
    if (body.byteLength > MOST_BODY_BYTES) return refuse(outgoing, 413, 'FUNCTION_PAYLOAD_TOO_LARGE')
    const call = randomUUID()
    const process = instance()
    let isLate = false
    const end = () => {
      isLate = true
      process.kill()
    }
    process.begin(call)
    const cut = () =>
      isLate
        ? refuse(outgoing, 504, 'FUNCTION_INVOCATION_TIMEOUT')
        : refuse(outgoing, 500, 'FUNCTION_INVOCATION_FAILED')
    void process.ended.then(cut)
    const port = await process.port.catch(() => undefined)
    if (port === undefined) return cut()
    // The start of a process does not count.
    deadlines.set(call, { of: process, timer: setTimeout(end, maxMs) })
    // The host says who asks, whatever the client says.
    const headers = { ...incoming.headers, 'x-call': call, 'x-forwarded-for': '203.0.113.7' }
    const sent = request({ port, host: '127.0.0.1', method, path, headers })
    sent.on('error', cut)
    sent.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.on('error', cut).pipe(outgoing)
    })
    outgoing.on('close', () => sent.destroy())
    sent.end(body)
  }

  const server = createServer(
    (incoming, outgoing) => void handle(incoming, outgoing).catch(() => outgoing.destroy()),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    starts: () => all.length,
    isFrozen: () => current?.isFrozen ?? true,
    output: () => output,
    calls: () => calls,
    async kill() {
      const killed = current
      killed?.kill()
      await killed?.ended
    },
    scaleDown: async () => current?.scaleDown(),
    strand() {
      const stranded = instance()
      stranded.freeze()
      for (const { of, timer } of deadlines.values()) if (of === stranded) clearTimeout(timer)
      current = undefined
      return stranded
    },
    async close() {
      for (const { timer } of deadlines.values()) clearTimeout(timer)
      server.close()
      server.closeAllConnections()
      for (const each of all) each.kill()
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  if (outgoing.closed || outgoing.writableEnded) return
  if (outgoing.headersSent) return void outgoing.destroy()
  outgoing.writeHead(status, { 'content-type': 'text/plain', 'x-vercel-error': code }).end(code)
}
