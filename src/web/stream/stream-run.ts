import type { Context } from 'hono'
import type { WebDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import { createEventStream } from './event-stream.ts'
import { createShowEvent } from './show-event.ts'
import { createWireMapper } from './wire-event.ts'

/** Answers with a run as server-sent events, from after `after` to its end. Closing it does not stop the run. */
export type StreamRun = (
  c: Context<WebEnv>,
  position: { readonly runId: string; readonly after: number },
) => Response

export function createStreamRun({
  log,
  redact,
  closing,
  reportError,
  streamLimits,
}: Pick<WebDeps, 'log' | 'redact' | 'closing' | 'reportError' | 'streamLimits'>): StreamRun {
  const show = createShowEvent(redact)
  return (c, { runId, after }) => {
    const { requestId } = c.var
    const { method, path } = c.req
    const stream = createEventStream({
      // Always from the first event, because the mapper counts what came before.
      follow: (signal) => log.follow(runId, { afterSeq: 0, signal }),
      toWire: createWireMapper(show),
      after,
      closing,
      onError: (error) => reportError(error, { requestId, method, path }),
      onStuck: () => c.env?.outgoing?.destroy(),
      limits: streamLimits,
    })
    return c.body(stream, 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    })
  }
}
