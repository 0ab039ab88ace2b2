import { connect, createServer } from 'node:net'

/**
 * Offers the host's egress proxy on 127.0.0.1 inside a box that has no network: the only way out is one unix
 * socket. Programs understand `http://127.0.0.1:port` as a proxy; none understands a unix socket.
 */
export function relayEgress({
  socketPath,
  port,
}: {
  readonly socketPath: string
  readonly port: number
}): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ path: socketPath, allowHalfOpen: true })
    inside.on('error', () => outside.destroy())
    outside.on('error', () => inside.destroy())
    inside.on('close', () => outside.destroy())
    outside.on('close', () => inside.destroy())
    inside.pipe(outside).pipe(inside)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
