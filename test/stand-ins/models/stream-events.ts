import type { ServerResponse } from 'node:http'
import type { WireEvent } from './model-server.ts'
import type { ScriptedFault, Step } from './script.ts'

/**
 * Streams an answer, or as much of it as the step's fault lets through.
 *
 * @param errorEvent what is sent for `in-stream-error` and `failed`.
 */
export async function streamEvents(
  response: ServerResponse,
  {
    events,
    step,
    errorEvent,
    headers,
  }: {
    events: readonly WireEvent[]
    step: Step
    errorEvent: WireEvent
    headers: Readonly<Record<string, string>>
  },
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers })
  response.flushHeaders()
  const broken = 'fault' in step && typeof step.fault === 'string' && step.fault !== 'refusal'
  const sent = broken ? events.slice(0, lengthBefore(step, events)) : events
  for (const { event, data } of sent) {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    // Each event leaves on its own, so that a reader sees them one by one.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  if (!broken) response.end()
  else if (step.fault === 'cut') response.destroy()
  else if (step.fault !== 'stall') {
    response.end(`event: ${errorEvent.event}\ndata: ${JSON.stringify(errorEvent.data)}\n\n`)
  }
}

/** How many events go out before the fault. */
function lengthBefore({ at = 'text' }: ScriptedFault, events: readonly WireEvent[]): number {
  if (at === 'start') return 0
  if (at === 'end') return events.length - 1
  const marked = events.findIndex(({ mark }) => mark === at)
  return marked === -1 ? 1 : marked + 1
}
