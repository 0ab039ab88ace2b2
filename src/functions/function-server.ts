import type { Hono } from 'hono'
import type { WebServer } from '../web/serve-app.ts'
import type { WebEnv } from '../web/web-env.ts'

/** Answers the requests that the host of a function passes on. An ordinary process would listen on a port instead. */
export interface FunctionServer extends WebServer {
  readonly fetch: Hono<WebEnv>['fetch']
}

/** @param publicUrl where people reach the function, if that is known. */
export function createFunctionServer(publicUrl: string | undefined): FunctionServer {
  const served = Promise.withResolvers<Hono<WebEnv>>()
  return {
    url: publicUrl ?? 'http://localhost',
    fetch: async (...asked) => (await served.promise).fetch(...asked),
    serve: served.resolve,
    // Nothing to hold: a function never gets other settings, since a new deployment replaces it.
    hold() {},
    async close() {},
  }
}
