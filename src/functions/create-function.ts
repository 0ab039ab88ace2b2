import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createBackspace } from '../backspace.ts'
import { readConfig } from '../config.ts'
import { knownError } from '../errors.ts'
import { createRedact } from '../secrets/redact.ts'
import { within } from '../time/within.ts'
import { loadOnFirstUse } from '../wiring/load-later.ts'
import { answerWorkCall, callForWork, WORK_PATH } from './call-for-work.ts'
import { createFunctionServer } from './function-server.ts'
import { currentInvocation, type Invocation } from './invocation.ts'
import { createShifts, type ShiftPace } from './shifts.ts'

interface FunctionOptions {
  /** The host ends a call after this many seconds. */
  readonly maxSeconds: number
}

/** Answers one request of the host. Resolves when the response is complete. */
export type FunctionHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

const STOP_MS = 400
const SETTLE_MS = 5_000
/** Any request to the service may find out that runs are waiting, but not every request looks. */
const LOOK_EVERY_MS = 20_000

/**
 * The service as a function. Its host starts the process for a request, freezes it when no request is open, and may end
 * it at any moment. The function answers requests and stores them. All other work happens in workers, which run here
 * for the length of a call, or elsewhere.
 */
export function createFunction({ maxSeconds }: FunctionOptions): FunctionHandler {
  const opened = loadOnFirstUse(() => open(maxSeconds * 1000))
  // Opened right away, since the host gives a starting process more of the processor than the first request.
  opened().catch(() => undefined)
  return async (incoming, outgoing) => {
    const endsAt = performance.now() + maxSeconds * 1000
    const answered = new Promise<void>((resolve) => outgoing.once('close', resolve))
    const invocation = currentInvocation({ endsAt, answered })
    try {
      await (await opened())(incoming, outgoing, invocation)
    } catch (error) {
      refuse(outgoing, error)
    }
  }
}

async function open(maxMs: number) {
  const config = readConfig(undefined, { inFunction: true })
  const server = createFunctionServer(config.web.publicUrl)
  const pace = paceOf(maxMs)
  const longestStreamMs = maxMs - pace.graceMs
  const backspace = await createBackspace(config, {}, { host: { server, longestStreamMs } })
  await backspace.start()
  const { logger, shifts: book } = backspace
  const shifts = createShifts({
    config,
    book,
    pace,
    callSuccessor: () => callForWork(config),
    onError: (error, facts) => logger.error({ err: error, ...facts }, 'a shift failed'),
  })
  // The host is about to kill the process. Open streams end, and their readers reconnect to another process.
  process.once('SIGTERM', () => void within(STOP_MS, backspace.stop(0)))
  let lookedAt = Number.NEGATIVE_INFINITY

  async function fetch(request: Request, env: Parameters<typeof server.fetch>[1], invocation: Invocation) {
    if (new URL(request.url).pathname === WORK_PATH)
      return answerWorkCall(request, config.functions, () => shifts.begin(invocation))
    const response = await server.fetch(request, env)
    const isDue = performance.now() - lookedAt > LOOK_EVERY_MS
    if (request.method === 'POST' || isDue) {
      lookedAt = performance.now()
      invocation.waitUntil(
        shifts
          .beginIfNeeded(invocation)
          .catch((error: unknown) => logger.error({ err: error }, 'could not look for work')),
      )
    }
    return response
  }

  return async (incoming: IncomingMessage, outgoing: ServerResponse, invocation: Invocation) => {
    // If the process were frozen in the middle of a transaction, it would hold locks that others wait for.
    invocation.waitUntil(invocation.answered.then(() => within(SETTLE_MS, backspace.settled())))
    await getRequestListener((request, env) => fetch(request, env, invocation), {
      overrideGlobalObjects: false,
    })(incoming, outgoing)
    await invocation.answered
  }
}

/** Reserves a minute of five for the hand-over. */
function paceOf(maxMs: number): ShiftPace {
  const handOverMs = Math.min(60_000, maxMs / 5)
  return { handOverMs, graceMs: handOverMs / 3, idleMs: Math.min(8_000, maxMs / 4) }
}

/** Answers with an error. GitHub's webhooks that get this answer are sent again. */
function refuse(outgoing: ServerResponse, error: unknown): void {
  const known = knownError(error)
  const said = known?.userMessage ?? (error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.stderr.write(`${createRedact([])(said)}\n`)
  if (outgoing.headersSent) return void outgoing.destroy()
  outgoing.writeHead(503, { 'content-type': 'application/json' })
  const message = 'The service could not start. The log of the function says why.'
  outgoing.end(JSON.stringify({ error: { code: 'unavailable', message } }))
}
