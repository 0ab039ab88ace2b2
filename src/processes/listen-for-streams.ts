import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** `<id> <stream>\n` */
const MAX_FIRST_LINE = 64

export interface Streams {
  /** Input, output and errors. */
  readonly connected: Promise<readonly [Socket, Socket, Socket]>
  /** Takes no more connections. */
  close(): void
}

/**
 * The spawner connects once for each stream of an order, and says which one in the first line.
 *
 * @param socketPath of at most 107 bytes.
 */
export async function listenForStreams(id: string, socketPath: string): Promise<Streams> {
  const stdin = Promise.withResolvers<Socket>()
  const stdout = Promise.withResolvers<Socket>()
  const stderr = Promise.withResolvers<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    // The end of the program reports it too.
    socket.on('error', () => {})
    void readFirstLine(socket).then((line) => {
      if (line === `${id} 0`) {
        // Nothing comes, but this is how the end is seen.
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

/** @returns undefined for a connection without one. What follows the line stays in the socket, which is paused. */
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
