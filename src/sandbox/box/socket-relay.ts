import { connect, createServer, type Socket } from 'node:net'
import { joinStreams } from './join-streams.ts'

/** The connection of a program inside a box, and the connection to the host that was opened for it. */
export interface SocketPair {
  readonly inside: Socket
  readonly outside: Socket
}

export interface SocketRelay {
  readonly port: number
  /** Stops listening, and breaks the connections. */
  close(): void
}

/**
 * Makes a unix socket of the host reachable on 127.0.0.1 inside a box, which has no network: programs can use
 * `http://127.0.0.1:port`, but not a unix socket.
 *
 * @param to.port 0 for any free port.
 * @throws {Error} if it cannot listen.
 */
export function openSocketRelay(to: {
  readonly socketPath: string
  readonly port: number
  /** Passes the bytes of each side to the other; default: unchanged. */
  readonly join?: (pair: SocketPair) => void
}): Promise<SocketRelay> {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inside) => {
    const outside = connect({ path: to.socketPath, allowHalfOpen: true })
    open.add(inside)
    inside.on('error', () => outside.destroy())
    outside.on('error', () => outside.destroy())
    inside.on('close', () => {
      open.delete(inside)
      outside.destroy()
    })
    if (to.join) to.join({ inside, outside })
    else joinStreams(inside, outside)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(to.port, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : to.port
      resolve({
        port,
        close() {
          server.close()
          for (const inside of open) inside.destroy()
        },
      })
    })
  })
}
