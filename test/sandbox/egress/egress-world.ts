import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type EgressProxy, startEgressProxy } from '../../../src/sandbox/egress/egress-proxy.ts'

/** A proxy, and a server that plays the internet: every public name leads to it. */
export interface EgressWorld {
  readonly proxy: EgressProxy
  readonly port: number
  readonly socketPath: string
  /** What the server received, piece by piece. */
  readonly received: Buffer[]
  /** Names that the proxy looked up, and whether each is the operator's own. */
  readonly named: [string, boolean][]
  /** What the server answers to each piece; default: the same bytes. */
  answer: (received: Buffer) => Buffer
  /** Whether the server ends a connection after its first answer; default: no. */
  hangsUp: boolean
  /** Resolves when it has next done so, and the proxy has had the time to see it. */
  hungUp(): Promise<void>
  /** Asks for a tunnel and gives the status line, and the connection when there is one. */
  openTunnel(target: string): Promise<{ readonly status: string; readonly socket: Socket }>
  /** All that comes back when a tunnel is asked for. */
  answerTo(target: string): Promise<string>
  /** Asks for a page through the proxy by plain HTTP. */
  askPlainly(url: string): Promise<{ readonly status: number; readonly text: string }>
  close(): Promise<void>
}

/** Starts both; one name, `nowhere.example.org`, has no address. */
export async function startEgressWorld(): Promise<EgressWorld> {
  const received: Buffer[] = []
  const named: [string, boolean][] = []
  const accepted = new Set<Socket>()
  const directory = await mkdtemp(join(tmpdir(), 'egress-'))
  const socketPath = join(directory, 'proxy.sock')
  const upstream = createServer((socket) => {
    accepted.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received.push(bytes)
      socket.write(world.answer(bytes))
      if (world.hangsUp) socket.end(() => upstream.emit('hungUp'))
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const proxy = await startEgressProxy({
    socketPath,
    ports: [port],
    resolveAddress: async (host, options) => {
      named.push([host, options.named])
      return host === 'nowhere.example.org' ? undefined : '127.0.0.1'
    },
  })

  function ask(target: string): Socket {
    const socket = connect(socketPath)
    socket.on('error', () => {})
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
    return socket
  }

  const world: EgressWorld = {
    proxy,
    port,
    socketPath,
    received,
    named,
    answer: (bytes) => bytes,
    hangsUp: false,
    async hungUp() {
      await once(upstream, 'hungUp')
      for (let turns = 0; turns < 100; turns++) await setImmediate()
    },
    openTunnel(target) {
      const socket = ask(target)
      return new Promise((resolve) => {
        socket.once('data', (chunk) => resolve({ status: chunk.toString(), socket }))
      })
    },
    answerTo(target) {
      const socket = ask(target)
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      return new Promise((resolve) => socket.once('close', () => resolve(text)))
    },
    askPlainly: (url) =>
      new Promise((resolve, reject) => {
        const call = request({ socketPath, path: url }, (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        })
        call.on('error', reject)
        call.end()
      }),
    async close() {
      await proxy.close()
      for (const socket of accepted) socket.destroy()
      await new Promise((resolve) => upstream.close(resolve))
      await rm(directory, { recursive: true })
    },
  }
  return world
}

/** The next `count` bytes of a connection; less if it ends. */
export function nextOf(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const stop = () => {
      socket.pause().off('data', onData).off('close', stop)
      if (bytes.length > count) socket.unshift(bytes.subarray(count))
      resolve(bytes.subarray(0, count))
    }
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= count) stop()
    }
    socket.on('data', onData).on('close', stop).resume()
  })
}
