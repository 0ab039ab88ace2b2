import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './caller.ts'

/** A way for a request to go wrong. */
export interface Fault {
  readonly method?: string
  /** Tested against the path without `/api/v3`, with its query; git requests have paths like `/o/r.git/info/refs`. */
  readonly path: RegExp
  /** Status of the answer; without it (and without `drop`) the request is only delayed. */
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Before the request has any effect (default), or after it took effect: the answer is lost. */
  readonly when?: 'before' | 'after'
  /** How many matching requests are hit; default one, `Infinity` for all. */
  readonly times?: number
  readonly delayMs?: number
  /** The request waits for this, then goes on. */
  readonly until?: Promise<unknown>
  /** Cut the connection instead of answering. */
  readonly drop?: boolean
}

export interface ArmedFault {
  /** How many requests it has hit; with `when: 'after'`, how many have taken effect. */
  readonly hits: number
  cancel(): void
}

export interface Faults {
  arm(fault: Fault): ArmedFault
  /** The fault that this request runs into, and how to count it once it is there. */
  next(method: string, path: string): { readonly fault: Fault; hit(): void } | undefined
}

/** Keeps the faults that are armed; the one armed first goes first. */
export function createFaults(): Faults {
  const armed: { fault: Fault; hits: number; left: number }[] = []
  return {
    arm(fault) {
      const entry = { fault, hits: 0, left: fault.times ?? 1 }
      armed.push(entry)
      return {
        get hits() {
          return entry.hits
        },
        cancel() {
          entry.left = 0
        },
      }
    },
    next(method, path) {
      const entry = armed.find(
        ({ fault, left }) =>
          left > 0 &&
          (fault.method ?? method).toUpperCase() === method &&
          new RegExp(fault.path.source, fault.path.flags.replace(/[gy]/g, '')).test(path),
      )
      if (!entry) return undefined
      entry.left -= 1
      return {
        fault: entry.fault,
        hit() {
          entry.hits += 1
        },
      }
    },
  }
}

/** The answer that a fault gives; undefined when the request goes on. Waits first, when it is to be slow. */
export async function faultAnswer(fault: Fault, signal: AbortSignal): Promise<Response | undefined> {
  if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal }).catch(() => {})
  await Promise.race([fault.until, new Promise((resolve) => signal.addEventListener('abort', resolve))])
  if (fault.status === undefined) return undefined
  const text =
    typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? defaultBody(fault.status))
  return new Response(fault.status === 204 ? null : text, {
    status: fault.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...fault.headers },
  })
}

/** The fault that GitHub calls a secondary rate limit. @param retryAfter seconds; without it no such header. */
export function secondaryRateLimit(
  options: { readonly status?: 403 | 429; readonly retryAfter?: number } = {},
) {
  return {
    status: options.status ?? 403,
    body: {
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url:
        'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    },
    headers: options.retryAfter === undefined ? {} : { 'retry-after': String(options.retryAfter) },
  }
}

function defaultBody(status: number): object {
  return {
    message: status >= 500 ? 'Server Error' : 'Refused by a fault of the stand-in',
    status: String(status),
  }
}

/** One request as the stand-in saw it. */
export interface LoggedRequest {
  readonly order: number
  readonly method: string
  /** Without `/api/v3`; decoded. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** 0 while under way, or when the connection was cut. */
  status: number
  /** Who asked; `refused` when the credentials were no good. */
  caller: Caller['kind'] | 'refused'
  /** The token that was used, for a personal or installation token. */
  token: string | undefined
  /** The JSON body, or its text; undefined without one and for git. */
  body: unknown
  readonly at: number
}

export interface RequestLog {
  readonly requests: readonly LoggedRequest[]
  begin(request: Pick<LoggedRequest, 'method' | 'path' | 'query' | 'at'>): LoggedRequest
  /** Resolves when anything about the log changes. */
  changed(): Promise<void>
  notify(): void
}

export function createRequestLog(): RequestLog {
  const requests: LoggedRequest[] = []
  let waiting: (() => void)[] = []
  function notify(): void {
    const all = waiting
    waiting = []
    for (const wake of all) wake()
  }
  return {
    requests,
    notify,
    begin(request) {
      const entry: LoggedRequest = {
        ...request,
        order: requests.length + 1,
        status: 0,
        caller: 'anonymous',
        token: undefined,
        body: undefined,
      }
      requests.push(entry)
      return entry
    },
    changed() {
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}

/** A request body for the log. */
export function readableBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
