import { randomBytes } from 'node:crypto'
import type { CommandHandle } from 'e2b'
import { createRelayDecoder, type RelayFrame } from './relay-frames.ts'

/** Reads the output of a relay from one stream after another. */
export interface RelayOutput {
  /** @returns where to put the text of the first stream. A second call drops a first stream that failed. */
  open(): (text: string) => void
  /** Call it when the first stream has begun. */
  follow(handle: CommandHandle): void
  /** Stops reading. */
  stop(): void
}

interface RelayOutputOptions {
  /** Whatever comes before this line does not come from the relay. */
  readonly mark: string
  /** Opens another stream of the same command. */
  readonly connect: (onStdout: (text: string) => void) => Promise<CommandHandle>
  /** Asks the relay to repeat these bytes in a frame. */
  readonly sendMark: (bytes: Buffer) => void
  /** Handles a frame. May throw if a relay would not send it. */
  readonly onFrame: (frame: RelayFrame) => void
  readonly onHeard: () => void
  /** Called when nothing more can be read, maybe more than once, with the SDK's error if that is the reason. */
  readonly onFailure: (error?: unknown) => void
}

/** The SDK keeps everything that it receives from one stream, so another stream begins after this many characters. */
const STREAM_CHARACTERS = 8 * 1024 * 1024
/** Until the change of streams is done, the old one may bring what is on its way. No relay sends more than this. */
const MAX_STREAM_CHARACTERS = 64 * 1024 * 1024
/** Most characters that a login profile may print before the relay begins. */
const MAX_PREFACE = 256 * 1024

/** One stream of a relay's output. */
interface Stream {
  received: number
  readonly read: (text: string) => readonly RelayFrame[]
  handle: CommandHandle | undefined
}

/**
 * Reads the frames of a relay. It moves to another stream before the SDK holds too much of the output: the relay
 * repeats a random mark; the old stream is read up to this mark, and the new one from it on.
 */
export function createRelayOutput(options: RelayOutputOptions): RelayOutput {
  const { connect, sendMark, onFrame, onHeard, onFailure } = options
  let current = createStream(options.mark, MAX_PREFACE)
  /** The next stream, and the frames that it has brought while the old one is still read. */
  let next: { readonly stream: Stream; readonly mark: string; readonly frames: RelayFrame[] } | undefined
  let isStopped = false

  function createStream(mark: string, maxPreface: number): Stream {
    return { received: 0, read: createRelayDecoder(mark, maxPreface), handle: undefined }
  }

  function receive(stream: Stream, text: string): void {
    if (isStopped || (stream !== current && stream !== next?.stream)) return
    onHeard()
    stream.received += text.length
    try {
      const frames = stream.read(text)
      if (stream === next?.stream) next.frames.push(...frames)
      else for (const frame of frames) if (stream === current) hear(frame)
      if (current.received > MAX_STREAM_CHARACTERS) throw new Error('More than a relay says.')
      if (current.received > STREAM_CHARACTERS && !next) void move()
    } catch {
      onFailure()
    }
  }

  function hear(frame: RelayFrame): void {
    if (frame.kind !== 'y') {
      onFrame(frame)
      return
    }
    if (!next || frame.bytes.toString('latin1') !== next.mark) throw new Error('Not the mark.')
    void current.handle?.disconnect()
    const { stream, frames } = next
    current = stream
    next = undefined
    for (const held of frames) hear(held)
  }

  function follow(stream: Stream, handle: CommandHandle): void {
    stream.handle = handle
    const onEnd = (error?: unknown) => {
      if (stream === current || stream === next?.stream) onFailure(error)
    }
    handle.wait().then(() => onEnd(), onEnd)
  }

  async function move(): Promise<void> {
    const mark = randomBytes(16).toString('hex')
    const stream = createStream(mark, MAX_STREAM_CHARACTERS)
    next = { stream, mark, frames: [] }
    try {
      follow(stream, await connect((text) => receive(stream, text)))
      sendMark(Buffer.from(mark, 'latin1'))
    } catch {
      onFailure()
    }
  }

  return {
    open() {
      const stream = createStream(options.mark, MAX_PREFACE)
      current = stream
      return (text) => receive(stream, text)
    },
    follow: (handle) => follow(current, handle),
    stop() {
      isStopped = true
      void current.handle?.disconnect()
      void next?.stream.handle?.disconnect()
    },
  }
}
