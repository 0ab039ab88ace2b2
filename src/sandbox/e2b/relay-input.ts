import { setTimeout as delay } from 'node:timers/promises'

/** E2B takes no request of many megabytes, and each takes a whole round trip. */
const MAX_BATCH_BYTES = 128 * 1024
const HEADER_BYTES = 8
/** The head and the body of an answer are made one after the other, and go in one request. */
const GATHER_MS = 2
/** No relay makes the host say so much at once. */
const MAX_QUEUED_FRAMES = 10_000
/** Frames that have to be sent some time wait this long for others. */
const LAZY_MS = 10_000

/** The way to a relay: frames in the order in which they were given, several in one request, one request at a time. */
export interface RelayInput {
  /** @param onTaken called when it is on its way: the next one may be made. */
  send(frame: Buffer, onTaken?: () => void): void
  /** Sends it with the next ones, or after some seconds. */
  sendLater(frame: Buffer): void
  /** Sends no more. */
  stop(): void
}

interface Queued {
  readonly frame: Buffer
  readonly onTaken: (() => void) | undefined
}

/** The largest frame that `RelayInput` takes. */
export const MAX_RELAY_FRAME_BYTES = MAX_BATCH_BYTES - HEADER_BYTES

/**
 * @param deliver sends a batch; may send it several times, since batches are numbered.
 * @param onFailure called if it rejects, or if too much is to be sent.
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
      next.onTaken?.() // What this lets a connection send goes in the same batch.
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
