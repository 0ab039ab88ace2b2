import type { HttpBindings } from '@hono/node-server'

/** What Hono passes to each handler of this app. */
export interface WebEnv {
  /** Absent when the app is called without a socket; such a caller never counts as local. */
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    caller: Caller
  }
}

/** Who sent the request. */
export interface Caller {
  /** Name of the API token; `local` for a client on this machine when there are no tokens. */
  readonly name: string
}
