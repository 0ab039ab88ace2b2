import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import { createFrameBuffer, type FrameBuffer } from './frame-buffer.ts'
import type { ToWire } from './wire-event.ts'
import type { WireEvent } from './wire-schema.ts'

export interface EventStreamOptions {
  /** The run's events from seq 1 on, until its terminal event or the abort of `signal`. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<RunEvent>
  readonly toWire: ToWire
  /** Frames up to this seq are left out: the client has them. */
  readonly after: number
  /** Ends the stream; the client comes back to whoever answers then. */
  readonly closing?: AbortSignal | undefined
  /** Told why a stream broke off; the client is not. */
  readonly onError: (error: unknown) => void
  /** Called when a reader that was given up does not even take the farewell. */
  readonly onStuck: () => void
  readonly limits?: StreamLimits
}

export interface StreamLimits {
  /** A comment is sent after this long without a frame, so that no proxy takes the connection for dead. */
  readonly pingMs: number
  /** Bytes that wait for one reader; reading the log pauses there. */
  readonly bufferBytes: number
  /** A reader that leaves a full buffer for this long is given up. */
  readonly stallMs: number
}

/** Milliseconds after which the reader of a stream that was cut comes back. */
const RETRY = 'retry: 2000\n\n'
const LIMITS: StreamLimits = { pingMs: 10_000, bufferBytes: 262_144, stallMs: 10_000 }

/**
 * A run as server-sent events: one frame for each event, then the end. Nothing is read before the client reads, and
 * no more than the buffer holds: a slow reader costs a bounded amount of memory and slows nobody else. A reader that
 * stops is sent `: lagged` and cut; it can come back with `Last-Event-ID` and misses nothing.
 */
export function createEventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { closing, limits = LIMITS } = options
  const encoder = new TextEncoder()
  const leave = new AbortController()
  const signal = closing ? AbortSignal.any([leave.signal, closing]) : leave.signal
  const buffer = createFrameBuffer({
    ...limits,
    signal,
    onLagged: () => leave.abort(),
    onStuck: options.onStuck,
  })
  let started = false

  return new ReadableStream(
    {
      async pull(controller) {
        if (!started) {
          started = true
          void pump(options, { buffer, signal })
          controller.enqueue(encoder.encode(RETRY))
          return
        }
        const text = await buffer.take()
        if (text !== undefined) return controller.enqueue(encoder.encode(text))
        if (closing?.aborted) controller.enqueue(encoder.encode(RETRY))
        controller.close()
      },
      cancel() {
        leave.abort()
        buffer.discard()
      },
    },
    { highWaterMark: 0 },
  )
}

async function pump(
  { follow, toWire, after, onError }: EventStreamOptions,
  { buffer, signal }: { readonly buffer: FrameBuffer; readonly signal: AbortSignal },
): Promise<void> {
  try {
    for await (const event of follow(signal)) {
      const wire = toWire(event)
      if (event.seq > after) await buffer.put(frame(wire))
      if (signal.aborted || isTerminalEvent(event)) break
    }
  } catch (error) {
    if (!signal.aborted) onError(error)
  } finally {
    buffer.end()
  }
}

/** JSON holds no line end, but some readers also split lines at these two. */
function frame(event: WireEvent): string {
  const json = JSON.stringify(event).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return `id: ${event.seq}\ndata: ${json}\n\n`
}
