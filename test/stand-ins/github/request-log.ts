import type { Caller } from './identity/caller.ts'

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
