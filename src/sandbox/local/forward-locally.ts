import type { Server } from 'node:http'
import { untilAborted } from '../../time/within.ts'
import { createForwardServer } from '../forward-server.ts'
import type { Forward } from '../forwarding.ts'
import { SandboxError } from '../sandbox.ts'
import type { BoxProcess, OpenPort } from './box-process.ts'

/**
 * `Sandbox.forward` for a box on this machine.
 *
 * @param openPort lets a server listen, and makes it reachable inside the box.
 */
export function forwardLocally(
  box: Pick<BoxProcess, 'ended' | 'isOver'>,
  openPort: (server: Server) => Promise<OpenPort>,
): Forward {
  return async (handler, { signal } = {}) => {
    signal?.throwIfAborted()
    if (box.isOver()) throw new SandboxError('gone', 'The sandbox has ended.')
    const server = createForwardServer(handler)
    const opening = openPort(server)
    let closing: Promise<void> | undefined
    const close = () => {
      closing ??= end()
      return closing
    }
    async function end(): Promise<void> {
      signal?.removeEventListener('abort', close)
      const open = await opening.catch(() => undefined)
      open?.close()
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    }
    signal?.addEventListener('abort', close, { once: true })
    void box.ended.then(close)
    try {
      const { port } = await untilAborted(opening, signal)
      return { origin: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close }
    } catch (error) {
      await close()
      throw error
    }
  }
}

/** @throws {SandboxError} `unavailable` if it cannot listen there. */
export function listenAt(
  server: Server,
  where: { path: string } | { port: number; host: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new SandboxError('unavailable', 'The host cannot listen for the sandbox.', { cause }))
    })
    server.listen(where, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}
