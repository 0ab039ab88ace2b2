import { type IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Which calls, and how many of them. */
interface E2bSelection {
  /** Matched with `METHOD /path`, such as `POST /process.Process/Start`, `GET /files`, `GET /health`, `POST /v2/sandboxes`. */
  readonly call: RegExp
  /** Only calls to this sandbox. */
  readonly sandboxId?: string
  /** By default 1; without limit if there is `forMs`. */
  readonly times?: number
  /** Milliseconds from the first call that matches. */
  readonly forMs?: number
}

export interface E2bDelay extends E2bSelection {
  readonly ms: number
}

/** One of `status`, `cut` and `hang`. */
export interface E2bFault extends E2bSelection {
  /** Answers with this, and with the text that E2B's edge or API sends with it. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of E2B's own text. */
  readonly body?: string
  /** Breaks the connection. */
  readonly cut?: true
  /** Breaks it when so many messages of a stream are sent; the first says that the command started. */
  readonly afterMessages?: number
  /** Never answers. */
  readonly hang?: true
  /** The effect still happens, and only the answer is lost: a command runs, a file is written. */
  readonly afterEffect?: boolean
}

/** A fault or delay that was asked for. */
export interface PlannedTrouble {
  /** Calls that met it. */
  readonly hits: () => number
  /** Ends it early. */
  stop(): void
}

/** A call as the stand-in meets it. */
interface MetCall {
  readonly call: string
  /** Empty for a call of the control plane. */
  readonly sandboxId: string
}

/** Selections in the order in which they were asked for; the first that matches is met. */
export function createTroubleBook<T extends E2bSelection>() {
  const book: { readonly selection: T; left: number; hits: number; until: number | undefined }[] = []
  return {
    add(selection: T): PlannedTrouble {
      const { forMs, times = forMs === undefined ? 1 : Number.POSITIVE_INFINITY } = selection
      const entry = { selection, left: times, hits: 0, until: undefined }
      book.push(entry)
      return {
        hits: () => entry.hits,
        stop() {
          entry.left = 0
        },
      }
    },
    meet({ call, sandboxId }: MetCall): T | undefined {
      const now = performance.now()
      const found = book.find(
        ({ selection, left, until = Number.POSITIVE_INFINITY }) =>
          left > 0 &&
          now < until &&
          selection.call.test(call) &&
          (selection.sandboxId === undefined || selection.sandboxId === sandboxId),
      )
      if (!found) return undefined
      found.left--
      found.hits++
      if (found.selection.forMs !== undefined) found.until ??= now + found.selection.forMs
      return found.selection
    },
  }
}

/** Waits without keeping the process alive. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { ref: false })
}

/** A call, and where its answer goes. */
interface FailingCall extends MetCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Does to a call what the fault says. */
export function fail(fault: E2bFault, { request, response, call, sandboxId }: FailingCall): void {
  if (fault.hang) return
  if (fault.cut || fault.afterMessages !== undefined) return void request.socket.destroy()
  const { status = 500, headers } = fault
  const { type, text } = edgeText(status, { call, sandboxId })
  response.writeHead(status, { 'content-type': type, ...headers }).end(fault.body ?? text)
}

/** Where a call answers whose fault comes after the effect: nothing arrives, and the first message brings the fault. */
export class LostResponse extends ServerResponse {
  readonly #onEffect: () => void

  constructor(request: IncomingMessage, onEffect: () => void) {
    super(request)
    this.#onEffect = onEffect
  }

  override write(): boolean {
    this.#lose()
    return true
  }

  override end(): this {
    this.#lose()
    return this
  }

  #lose(): void {
    this.#onEffect()
    this.emit('close')
  }
}

/** Breaks the connection of a stream when so many messages are sent. */
export function cutAfterMessages(response: ServerResponse, messages: number): void {
  const write: (chunk: Buffer, done?: () => void) => boolean = response.write.bind(response)
  let sent = 0
  response.write = (chunk: Buffer) => {
    const isLast = ++sent >= messages
    // What was sent must arrive, as it does when an edge drops a connection later.
    return write(chunk, isLast ? () => void setImmediate(() => response.socket?.destroy()) : undefined)
  }
}

const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const ENVD_PORT = 49983

/**
 * What E2B sends with a status. Before a sandbox: its proxy (infra: `shared/pkg/proxy/template`), which answers 502 for
 * any failure of transport, and the load balancer. Before the control plane: its API (infra: `api/internal`).
 */
function edgeText(
  status: number,
  { call, sandboxId }: MetCall,
): { readonly type: string; readonly text: string } {
  if (status === 504 && sandboxId !== '') return { type: TEXT_TYPE, text: 'upstream request timeout' }
  if (status === 503 && sandboxId !== '') return { type: TEXT_TYPE, text: 'no healthy upstream' }
  if (status === 502) {
    return sandboxId === ''
      ? {
          type: 'text/html; charset=UTF-8',
          text: '<html><head><title>502 Server Error</title></head></html>',
        }
      : { type: JSON_TYPE, text: JSON.stringify(portClosed(sandboxId)) }
  }
  const snapshotted = /\/sandboxes\/([^/]+)\/snapshots$/.exec(call)?.[1]
  const message =
    (snapshotted === undefined ? undefined : snapshotMessage(status, snapshotted)) ??
    (sandboxId === '' ? API_MESSAGES : PROXY_MESSAGES)[status] ??
    'Internal error'
  const body = sandboxId === '' ? { code: status, message } : { sandboxId, message, code: status }
  return { type: JSON_TYPE, text: JSON.stringify(body) }
}

/** The body of the proxy's 502 for a sandbox that runs and whose daemon does not answer. */
export function portClosed(sandboxId: string): object {
  return { sandboxId, message: 'The sandbox is running but port is not open', port: ENVD_PORT, code: 502 }
}

const PROXY_MESSAGES: Readonly<Record<number, string>> = {
  409: 'The sandbox is still transitioning. Try again in a moment.',
  429: 'The sandbox has too many concurrent incoming connections (limit: 1000)',
}

function snapshotMessage(status: number, id: string): string | undefined {
  if (status === 400) return 'Sandbox envd version does not support snapshots'
  if (status === 404) return `sandbox "${id}" doesn't exist or you don't have access to it`
  if (status === 409) return `Sandbox '${id}' cannot be snapshotted while in 'snapshotting' state`
  if (status !== 503) return undefined
  return `Sandbox '${id}' cannot be snapshotted right now because its node is busy, please retry`
}

const API_MESSAGES: Readonly<Record<number, string>> = {
  429: 'Rate limit exceeded',
  503: 'Failed to place sandbox: not enough capacity for the requested resources right now, please retry shortly',
  504: 'Failed to place sandbox: placement timed out, please retry',
}
