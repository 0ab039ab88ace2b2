import type { Server } from 'node:http'
import { Duplex } from 'node:stream'
import { MAX_FORWARD_CONNECTIONS } from '../forwarding.ts'
import { encodeRelayFrame, type RelayFrame } from './relay-frames.ts'
import { MAX_RELAY_FRAME_BYTES, type RelayInput } from './relay-input.ts'
import { WINDOW } from './relay-script.ts'

/** The host's ends of the connections of a relay. */
export interface RelayConnections {
  /**
   * Handles a frame of the relay.
   *
   * @throws {Error} if no relay would send this now.
   */
  take(frame: RelayFrame): void
  /** Breaks all connections. */
  end(): void
}

/** The relay keeps to half of this, but the ends of connections may cross each other on the way. */
const MAX_CONNECTIONS = 2 * MAX_FORWARD_CONNECTIONS
const PIECE_BYTES = MAX_RELAY_FRAME_BYTES - 64
/** Bytes to take before the relay may send more: each such permission costs a request. */
const GRANTED_BYTES = WINDOW.toHost / 2

interface Connection {
  readonly duplex: Duplex
  take(kind: string, bytes: Buffer): void
}

/** Hands each connection of a relay to a server. Checks every frame: sizes, numbers, order. */
export function createRelayConnections(server: Server, input: RelayInput): RelayConnections {
  const open = new Map<number, Connection>()
  let last = 0
  return {
    take({ kind, number, bytes }) {
      if (kind === 'o') {
        if (number !== last + 1 || open.size >= MAX_CONNECTIONS) throw new Error('Too many connections.')
        last = number
        const connection = createConnection(number, { input, onClose: () => open.delete(number) })
        open.set(number, connection)
        input.sendLater(encodeRelayFrame('a', number))
        server.emit('connection', connection.duplex)
        return
      }
      if (number < 1 || number > last) throw new Error('There was no such connection.')
      open.get(number)?.take(kind, bytes) // The connection may have ended on this side.
    },
    end() {
      for (const { duplex } of open.values()) duplex.destroy()
    },
  }
}

function createConnection(
  number: number,
  { input, onClose }: { readonly input: RelayInput; readonly onClose: () => void },
): Connection {
  /** How many more bytes the relay may send, and in `taken` how many were taken since it was last informed. */
  let allowed: number = WINDOW.toHost
  let taken = 0
  /** How many more bytes may be sent to the relay. */
  let room: number = WINDOW.toSandbox
  let onRoom: (() => void) | undefined
  const ended = { here: false, there: false }
  const send = (kind: string, bytes?: Uint8Array, onTaken?: () => void) =>
    input.send(encodeRelayFrame(kind, number, bytes), onTaken)
  /** If the program has left, there is no hurry to tell the relay. */
  const sendEnd = (kind: string) => {
    if (ended.there) input.sendLater(encodeRelayFrame(kind, number))
    else send(kind)
  }

  function write(bytes: Buffer, done: () => void): void {
    if (bytes.length === 0) {
      done()
      return
    }
    if (room === 0) {
      onRoom = () => write(bytes, done)
      return
    }
    const piece = bytes.subarray(0, Math.min(room, PIECE_BYTES))
    room -= piece.length
    send('d', piece, () => write(bytes.subarray(piece.length), done))
  }

  const duplex = new Duplex({
    allowHalfOpen: true,
    read() {
      if (taken < GRANTED_BYTES) return
      send('w', uint32(taken))
      allowed += taken
      taken = 0
    },
    writev(chunks, done) {
      write(Buffer.concat(chunks.map(({ chunk, encoding }) => bytesOf(chunk, encoding))), () => done())
    },
    final(done) {
      ended.here = true
      sendEnd('e')
      done()
    },
    destroy(_error, done) {
      onClose()
      if (!(ended.here && ended.there)) sendEnd('c')
      done(null)
    },
  })

  return {
    duplex,
    take(kind, bytes) {
      switch (kind) {
        case 'd':
          if (ended.there || bytes.length === 0 || bytes.length > allowed)
            throw new Error('More than allowed.')
          allowed -= bytes.length
          taken += bytes.length
          duplex.push(bytes)
          return
        case 'w': {
          room += bytes.length === 4 ? bytes.readUInt32BE() : Number.POSITIVE_INFINITY
          if (room > WINDOW.toSandbox) throw new Error('More was taken than sent.')
          const next = onRoom
          onRoom = undefined
          next?.()
          return
        }
        case 'e':
          if (ended.there) throw new Error('It ended before.')
          ended.there = true
          duplex.push(null)
          return
        case 'c':
          ended.here = true
          ended.there = true
          duplex.destroy()
          return
        default:
          throw new Error('No such frame.')
      }
    },
  }
}

function bytesOf(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
