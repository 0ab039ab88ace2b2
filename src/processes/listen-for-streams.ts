import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/**
 * The first line of a connection: `<id> <stream>
 * `.
 */
const MAX_FIRST_LINE = 64

export interface Streams {
  /** The program's input, output and errors, once all are connected. */
  readonly connected: Promise<readonly [Socket, Socket, Socket]>
  /** Accepts no more connections. */
  close(): void
}

/**
 * Waits for the helper to connect once for each stream of an order. The first line of a connection names its stream.
 *
 * @param socketPath at most 107 bytes.
 */
export async function listenForStreams(id: string, socketPath: string): Promise<Streams> {
  const stdin = Promise.withResolvers<Socket>()
  const stdout = Promise.withResolvers<Socket>()
  const stderr = Promise.withResolvers<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    // The end of the program reports the error as well.
    socket.on('error', () => {})
    void readFirstLine(socket).then((line) => {
      if (line === `${id} 0`) {
        // The program sends nothing here, but the end of the stream is only seen by reading.
        stdin.resolve(socket.resume())
      } else if (line === `${id} 1`) stdout.resolve(socket)
      else if (line === `${id} 2`) stderr.resolve(socket)
      else socket.destroy()
    })
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    connected: Promise.all([stdin.promise, stdout.promise, stderr.promise]),
    close: () => void server.close(),
  }
}

/** @returns the first line; undefined for a connection without one. The rest stays in the socket, which is paused. */
function readFirstLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk])
      const end = read.indexOf('\n')
      if (end === -1 && read.length <= MAX_FIRST_LINE) return
      socket.pause().off('data', onData).off('end', onEnd)
      if (end !== -1 && end + 1 < read.length) socket.unshift(read.subarray(end + 1))
      resolve(end === -1 ? undefined : read.toString('latin1', 0, end))
    }
    const onEnd = () => resolve(undefined)
    socket.on('data', onData).once('end', onEnd).resume()
  })
}
