import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import { forTerminal } from '../../text/terminal-text.ts'
import { breathe } from '../../time/breathe.ts'
import { createFrameBuffer, type FrameBuffer } from './frame-buffer.ts'
import type { ToWire } from './wire-event.ts'
import type { WireEvent } from './wire-schema.ts'

export interface EventStreamOptions {
  /** The run's events from seq 1 on, until its terminal event or the abort of `signal`. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<RunEvent>
  readonly toWire: ToWire
  /** Watches the output of the running command, for a client that asked for it; the returned function stops watching. */
  readonly watchOutput?: ((onText: (text: string) => void) => () => void) | undefined
  /** Frames up to this seq are left out: the client has them. */
  readonly after: number
  /** Ends the stream; the client reconnects, possibly to another process. */
  readonly closing?: AbortSignal | undefined
  /** Called with the reason when a stream breaks; the client gets no reason. */
  readonly onError: (error: unknown) => void
  /** Called when a client that was cut off does not read the last comment either. */
  readonly onStuck: () => void
  readonly limits?: StreamLimits | undefined
}

export interface StreamLimits {
  /** After this long without a frame a comment is sent, so that no proxy closes the connection as idle. */
  readonly pingMs: number
  /** At this many unread bytes the stream stops reading the log. */
  readonly bufferBytes: number
  /** A client that leaves a full buffer unread for this long is cut off. */
  readonly stallMs: number
}

/** Milliseconds after which a client reconnects. */
const RETRY = 'retry: 2000\n\n'
const LIMITS: StreamLimits = { pingMs: 10_000, bufferBytes: 262_144, stallMs: 10_000 }

/**
 * A run as server-sent events: one frame for each event, then the end. The log is read only when the client reads, and
 * no further than the buffer holds, so a slow client costs a bounded amount of memory and does not slow the others. A
 * client that stops reading gets `: lagged` and is cut off; it reconnects with `Last-Event-ID` and misses nothing.
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
  { follow, toWire, watchOutput, after, onError }: EventStreamOptions,
  { buffer, signal }: { readonly buffer: FrameBuffer; readonly signal: AbortSignal },
): Promise<void> {
  const stopOutput = watchOutput?.((text) => buffer.offer(outputFrame(text)))
  try {
    for await (const event of follow(signal)) {
      // A run that ended long ago is read from the log hundreds of events at once.
      await breathe()
      const wire = toWire(event)
      if (event.seq > after) await buffer.put(frame(wire))
      if (signal.aborted || isTerminalEvent(event)) break
    }
  } catch (error) {
    if (!signal.aborted) onError(error)
  } finally {
    stopOutput?.()
    buffer.end()
  }
}

function frame(event: WireEvent): string {
  return `id: ${event.seq}\ndata: ${jsonText(event)}\n\n`
}

/** A frame of live output has no id, so a stream that resumes does not repeat it. */
function outputFrame(text: string): string {
  return `event: output\ndata: ${jsonText({ text: forTerminal(text) })}\n\n`
}

/** JSON text has no line end, but some clients also split lines at these two characters. */
function jsonText(value: object): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
