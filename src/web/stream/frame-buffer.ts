import { untilAborted, within } from '../../time/within.ts'

export interface FrameBuffer {
  /** Waits while the buffer is full. */
  put(frame: string): Promise<void>
  /** Everything that waits, or a comment when nothing came for a while; undefined at the end. */
  take(): Promise<string | undefined>
  /** No more frames come; what waits can still be taken. */
  end(): void
  /** The reader is gone. */
  discard(): void
}

export interface FrameBufferOptions {
  readonly pingMs: number
  readonly bufferBytes: number
  readonly stallMs: number
  /** Nobody wants the frames any more. */
  readonly signal: AbortSignal
  readonly onLagged: () => void
  readonly onStuck: () => void
}

/** Stands between the log, which is fast, and a reader, who may be slow, gone or asleep. */
export function createFrameBuffer(options: FrameBufferOptions): FrameBuffer {
  const { pingMs, bufferBytes, stallMs, signal, onLagged, onStuck } = options
  let frames: string[] = []
  let bytes = 0
  let ended = false
  let changed = Promise.withResolvers<void>()
  let stuck: NodeJS.Timeout | undefined

  function tell(): void {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function giveUp(): void {
    frames = [': lagged\n\n']
    bytes = 0
    ended = true
    stuck = setTimeout(onStuck, stallMs)
    tell()
    onLagged()
  }

  return {
    async put(frame) {
      const size = Buffer.byteLength(frame)
      // A single frame may be larger than the buffer; it then waits for an empty one.
      while (!ended && frames.length > 0 && bytes + size > bufferBytes) {
        const taken = await within(stallMs, untilAborted(changed.promise, signal))
        if (signal.aborted) return
        if (!taken) return giveUp()
      }
      if (ended) return
      frames.push(frame)
      bytes += size
      tell()
    },
    async take() {
      clearTimeout(stuck)
      if (frames.length === 0 && !ended) await within(pingMs, changed.promise)
      if (frames.length === 0) return ended ? undefined : ': ping\n\n'
      const text = frames.join('')
      frames = []
      bytes = 0
      tell()
      return text
    },
    end() {
      ended = true
      tell()
    },
    discard() {
      clearTimeout(stuck)
      frames = []
      ended = true
      tell()
    },
  }
}
