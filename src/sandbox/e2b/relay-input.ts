import { setTimeout as delay } from 'node:timers/promises'

/** E2B does not accept requests of many megabytes, and each request takes a whole round trip. */
const MAX_BATCH_BYTES = 128 * 1024
const HEADER_BYTES = 8
/** The head and the body of an answer come one after the other. This pause lets them travel in one request. */
const GATHER_MS = 2
/** No relay gives the host reason to send more at once. */
const MAX_QUEUED_FRAMES = 10_000
/** Frames that are not urgent wait this long for others. */
const LAZY_MS = 10_000

/** Sends frames to a relay in the order in which they were given, several in one request, one request at a time. */
export interface RelayInput {
  /** @param onTaken called when the frame is on its way, so that the next one may be made. */
  send(frame: Buffer, onTaken?: () => void): void
  /** Sends the frame with the next ones, or after some seconds. */
  sendLater(frame: Buffer): void
  /** Stops sending. */
  stop(): void
}

interface Queued {
  readonly frame: Buffer
  readonly onTaken: (() => void) | undefined
}

/** The largest frame that `RelayInput` takes. */
export const MAX_RELAY_FRAME_BYTES = MAX_BATCH_BYTES - HEADER_BYTES

/**
 * @param deliver sends a batch. It may send one several times, since batches are numbered.
 * @param onFailure called if `deliver` rejects, or if too many frames wait.
 */
export function createRelayInput(
  deliver: (batch: Buffer) => Promise<void>,
  onFailure: () => void,
): RelayInput {
  const queue: Queued[] = []
  let sequence = 0
  let isSending = false
  let isStopped = false
  let later: NodeJS.Timeout | undefined

  function takeBatch(): Buffer {
    const taken: Buffer[] = []
    let size = 0
    for (let next = queue[0]; next && size + next.frame.length <= MAX_RELAY_FRAME_BYTES; next = queue[0]) {
      size += next.frame.length
      taken.push(next.frame)
      queue.shift()
      next.onTaken?.() // This may let a connection send more, which then goes into the same batch.
    }
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    header.writeUInt32BE(++sequence, 0)
    header.writeUInt32BE(size, 4)
    return Buffer.concat([header, ...taken])
  }

  function add(queued: Queued): void {
    if (isStopped) return
    queue.push(queued)
    if (queue.length > MAX_QUEUED_FRAMES) onFailure()
  }

  async function sendAll(): Promise<void> {
    if (isSending || isStopped) return
    isSending = true
    clearTimeout(later)
    later = undefined
    try {
      await delay(GATHER_MS)
      while (queue.length > 0 && !isStopped) await deliver(takeBatch())
      isSending = false
    } catch {
      if (!isStopped) onFailure()
    }
  }

  return {
    send(frame, onTaken) {
      add({ frame, onTaken })
      void sendAll()
    },
    sendLater(frame) {
      add({ frame, onTaken: undefined })
      if (isStopped || isSending) return
      later ??= setTimeout(() => void sendAll(), LAZY_MS).unref()
    },
    stop() {
      isStopped = true
      queue.length = 0
      clearTimeout(later)
    },
  }
}
