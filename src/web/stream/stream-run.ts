import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from 'hono'
import { isTerminal } from '../../runs/run.ts'
import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import type { StreamDeps, WebDeps } from '../web-deps.ts'
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
    follow: (signal) => followToItsEnd(deps, runId, signal),
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

const LOOK_EVERY_MS = 25
/** A run whose process died in between says so when somebody mends it: that is not waited for. */
const MOST_LOOKS = 40

/**
 * A run's events from the first to the last. The terminal event is written a moment before the run itself says that
 * it has ended; it is held back for that moment, since whoever has read it may at once go on from the run.
 */
export async function* followToItsEnd(
  { log, runs }: Pick<WebDeps, 'log' | 'runs'>,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  for await (const event of log.follow(runId, { afterSeq: 0, signal })) {
    for (let looks = 0; isTerminalEvent(event) && looks < MOST_LOOKS && !signal.aborted; looks++) {
      const run = await runs.get(runId)
      if (run === undefined || isTerminal(run.status)) break
      await delay(LOOK_EVERY_MS)
    }
    yield event
  }
}
