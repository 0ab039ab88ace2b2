import type { HttpBindings } from '@hono/node-server'

/** What Hono hands to each handler of this app. */
export interface WebEnv {
  /** Absent when the app is called without a socket; such a caller is never taken for a local one. */
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    caller: Caller
  }
}

/** Who sent the request. */
export interface Caller {
  /** Name of the API token; `local` for this machine without tokens. */
  readonly name: string
}
