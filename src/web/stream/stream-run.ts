import type { Context } from 'hono'
import type { RepositoryTarget } from '../../runs/run.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import { createEventStream } from './event-stream.ts'
import type { OpenStreams } from './open-streams.ts'
import { createShowEvent } from './show-event.ts'
import { createWireMapper } from './wire-event.ts'

export interface StreamRun {
  /**
   * Counts the answer to this request as an open stream.
   *
   * @returns a signal that aborts when the reader may no longer read.
   * @throws {BackspaceError} `rate_limited` above a limit.
   */
  open(c: Context<WebEnv>, repository: RepositoryTarget): AbortSignal
  /** Answers with a run as server-sent events, from after `after` to its end. Closing it does not stop the run. */
  answer(c: Context<WebEnv>, position: StreamPosition): Response
}

interface StreamPosition {
  readonly runId: string
  readonly after: number
  readonly reader: AbortSignal
  /** Whether to send the live output of the running command as well. */
  readonly withOutput?: boolean | undefined
}

export function createStreamRun({
  log,
  redact,
  closing,
  reportError,
  streamLimits,
  openStreams,
}: Pick<WebDeps, 'log' | 'redact' | 'closing' | 'reportError' | 'streamLimits'> & {
  readonly openStreams: OpenStreams
}): StreamRun {
  const show = createShowEvent(redact)
  async function* shown(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
    for await (const event of events) yield await show(event)
  }
  function answer(
    c: Context<WebEnv>,
    { runId, after, reader, withOutput = false }: StreamPosition,
  ): Response {
    const { requestId } = c.var
    const { method, path } = c.req
    const stream = createEventStream({
      // Always starts from the first event, because the mapper counts earlier ones.
      follow: (signal) => shown(log.follow(runId, { afterSeq: 0, signal })),
      toWire: createWireMapper(),
      watchOutput: withOutput ? (onText) => log.output.watch(runId, onText) : undefined,
      after,
      closing: closing ? AbortSignal.any([closing, reader]) : reader,
      onError: (error) => reportError(error, { requestId, method, path, runId }),
      onStuck: () => c.env?.outgoing?.destroy(),
      limits: streamLimits,
    })
    return c.body(stream, 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    })
  }
  return { open: openStreams.open, answer }
}
