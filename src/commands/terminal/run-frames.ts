import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { createPatience, type PatienceOptions } from './patience.ts'
import { endOf, type ReceivedFrame, readFrame } from './received-frame.ts'
import { openStream } from './stream-source.ts'

/** The service sends a comment at least every 15 seconds; a connection that is silent for longer is dead. Milliseconds. */
const LONGEST_SILENCE = 45_000
/** A stream that stays open for this long works, even if it has nothing to say. */
const WORKS_AFTER = 5_000

/** A frame, and what the service sent. */
export interface StreamedFrame {
  readonly frame: ReceivedFrame
  readonly sent: unknown
}

interface RunFramesOptions extends PatienceOptions {
  /** API token of the service. */
  readonly token?: string | undefined
  /** Called each time that the stream is open. */
  readonly onOpen?: ((clock: { readonly aheadMs: number }) => void) | undefined
}

/**
 * Reads a run's frames from its event stream to the end, and resumes after `Last-Event-ID` when the connection
 * breaks.
 *
 * @param eventsUrl the run's `eventsUrl`.
 * @throws {BackspaceError} that names the address, when the service refuses the request, is no Backspace, or stays away;
 * {SyntaxError} when it sends what is not a frame.
 */
export async function* runFrames(
  eventsUrl: string,
  options: RunFramesOptions = {},
): AsyncGenerator<ReceivedFrame> {
  for await (const { frame } of streamFrames(eventsUrl, options)) yield frame
}

/** As `runFrames`, with each frame as the service sent it. */
export async function* streamFrames(
  eventsUrl: string,
  { token, onOpen, signal = new AbortController().signal, ...options }: RunFramesOptions = {},
): AsyncGenerator<StreamedFrame> {
  const patience = createPatience(eventsUrl, { ...options, signal })
  for (let after = 0; ; ) {
    const silence = watchSilence()
    try {
      const answer = await openStream(eventsUrl, { token, signal, silence: silence.signal, after })
      if (answer === 'ended') return
      if (!('body' in answer)) {
        if (answer.retryAfterMs !== undefined) patience.answered()
        await patience.wait(answer)
        continue
      }
      patience.answered()
      onOpen?.(answer)
      const openedAt = Date.now()
      for await (const streamed of parse(silence.heard(answer.body))) {
        patience.works()
        after = streamed.frame.seq
        yield streamed
        if (endOf(streamed.frame) !== undefined) return
      }
      signal.throwIfAborted()
      if (Date.now() - openedAt >= WORKS_AFTER) patience.works()
      await patience.wait({ what: silence.signal.aborted ? 'is silent' : 'closed the stream' })
    } finally {
      silence.stop()
    }
  }
}

/** Aborts its signal when nothing is heard for too long. */
function watchSilence() {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), LONGEST_SILENCE)
  async function* heard(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      timer.refresh()
      yield chunk
    }
  }
  return { signal: silence.signal, heard, stop: () => clearTimeout(timer) }
}

/** A stream that breaks simply ends. */
async function* parse(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedFrame> {
  const messages: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => void messages.push(message) })
  const decoder = new TextDecoder()
  try {
    for await (const chunk of chunks) {
      parser.feed(decoder.decode(chunk, { stream: true }))
      for (const { data } of messages.splice(0)) {
        const sent: unknown = JSON.parse(data)
        yield { frame: readFrame(sent), sent }
      }
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw error
  }
}
