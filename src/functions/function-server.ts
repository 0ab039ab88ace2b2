import type { Hono } from 'hono'
import type { WebServer } from '../web/serve-app.ts'
import type { WebEnv } from '../web/web-env.ts'

/** Answers the requests that the host of a function hands over, where a process would listen on a port. */
export interface FunctionServer extends WebServer {
  readonly fetch: Hono<WebEnv>['fetch']
}

/** @param publicUrl where people reach the function, if it is known. */
export function createFunctionServer(publicUrl: string | undefined): FunctionServer {
  const served = Promise.withResolvers<Hono<WebEnv>>()
  return {
    url: publicUrl ?? 'http://localhost',
    fetch: async (...asked) => (await served.promise).fetch(...asked),
    serve: served.resolve,
    // A function never gets other settings: a deployment with these replaces it.
    hold() {},
    async close() {},
  }
}
