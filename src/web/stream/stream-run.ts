import type { Context } from 'hono'
import type { StreamDeps } from '../web-deps.ts'
import type { WebEnv } from '../web-env.ts'
import { createEventStream } from './event-stream.ts'
import { createWireMapper } from './wire-event.ts'

/** Answers with a run as server-sent events, from after `after` to its end. Leaving it does not stop the run. */
export function streamRun(
  c: Context<WebEnv>,
  deps: StreamDeps,
  { runId, after }: { readonly runId: string; readonly after: number },
): Response {
  const { requestId } = c.var
  const { method, path } = c.req
  const stream = createEventStream({
    // Always from the first event: what a frame says may depend on those before it.
    follow: (signal) => deps.log.follow(runId, { afterSeq: 0, signal }),
    toWire: createWireMapper(deps.show),
    after,
    closing: deps.closing,
    onError: (error) => deps.reportError(error, { requestId, method, path }),
    onStuck: () => c.env?.outgoing?.destroy(),
    ...(deps.streamLimits && { limits: deps.streamLimits }),
  })
  return c.body(stream, 200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  })
}
