import { untilAborted, within } from '../../time/within.ts'

export interface FrameBuffer {
  /** Waits while the buffer is full. */
  put(frame: string): Promise<void>
  /** Adds a frame that may be dropped for a slow client. */
  offer(frame: string): void
  /** Takes all waiting frames, or a comment after a time without frames; undefined at the end. */
  take(): Promise<string | undefined>
  /** No more frames will be put; those that wait can still be taken. */
  end(): void
  /** Drops every frame: the client is gone. */
  discard(): void
}

export interface FrameBufferOptions {
  readonly pingMs: number
  readonly bufferBytes: number
  readonly stallMs: number
  /** Aborted when no client reads the frames any more. */
  readonly signal: AbortSignal
  readonly onLagged: () => void
  readonly onStuck: () => void
}

/** Holds frames between the log, which is fast, and a client, which may be slow or gone. */
export function createFrameBuffer(options: FrameBufferOptions): FrameBuffer {
  const { pingMs, bufferBytes, stallMs, signal, onLagged, onStuck } = options
  let frames: string[] = []
  let bytes = 0
  let ended = false
  let changed = Promise.withResolvers<void>()
  let stuck: NodeJS.Timeout | undefined

  function signalChange(): void {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function giveUp(): void {
    frames = [': lagged\n\n']
    bytes = 0
    ended = true
    stuck = setTimeout(onStuck, stallMs)
    signalChange()
    onLagged()
  }

  return {
    async put(frame) {
      const size = Buffer.byteLength(frame)
      // A frame that is larger than the whole buffer waits until the buffer is empty.
      while (!ended && frames.length > 0 && bytes + size > bufferBytes) {
        const taken = await within(stallMs, untilAborted(changed.promise, signal))
        if (signal.aborted) return
        if (!taken) return giveUp()
      }
      if (ended) return
      frames.push(frame)
      bytes += size
      signalChange()
    },
    offer(frame) {
      const size = Buffer.byteLength(frame)
      if (ended || bytes + size > bufferBytes) return
      frames.push(frame)
      bytes += size
      signalChange()
    },
    async take() {
      clearTimeout(stuck)
      if (frames.length === 0 && !ended) await within(pingMs, changed.promise)
      if (frames.length === 0) return ended ? undefined : ': ping\n\n'
      const text = frames.join('')
      frames = []
      bytes = 0
      signalChange()
      return text
    },
    end() {
      ended = true
      signalChange()
    },
    discard() {
      clearTimeout(stuck)
      frames = []
      ended = true
      signalChange()
    },
  }
}
