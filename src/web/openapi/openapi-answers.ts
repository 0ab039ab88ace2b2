import { type SchemaName, schemaRef } from './openapi-schemas.ts'

/** An answer with a JSON body, as OpenAPI describes it. */
export function json(description: string, schema: SchemaName) {
  return { description, content: { 'application/json': { schema: schemaRef(schema) } } } as const
}

export function text(description: string, type: string) {
  return { description, content: { [type]: { schema: { type: 'string' } } } } as const
}

export function errors<Status extends keyof typeof ERRORS>(...statuses: readonly Status[]) {
  return Object.fromEntries(statuses.map((status) => [status, json(ERRORS[status], 'Error')]))
}

const ERRORS = {
  400: '`bad_request`, `bad_repository_url`: the request is malformed; the message names each wrong field.',
  401: '`unauthorized`: no API token, or one that is unknown, expired or revoked.',
  403: '`forbidden`, `not_permitted`, `not_installed` and similar: the token does not cover the repository or lacks the right, its owner has no write access, or the App is not installed.',
  404: '`not_found`, `repository_not_found`: the run or repository does not exist, or this token cannot see it.',
  409: '`conflict`: the Idempotency-Key was used with a different body, or the state of the run does not allow the request.',
  413: '`body_too_large`: the body is over 1 MiB.',
  415: '`unsupported_media_type`: the body is not `application/json`.',
  429: '`rate_limited`: too many runs, event streams or wrong tokens; try again after `Retry-After`.',
  503: '`unavailable` and similar: try again after `Retry-After`.',
} as const

/** The event stream of a run. */
export const frames = {
  description:
    'Server-sent events. The data of each frame is one WireEvent as JSON, and its id is the seq of the event. The last frame has the type success or error.',
  content: {
    'text/event-stream': {
      schema: { type: 'string' },
      'x-frame': schemaRef('WireEvent'),
    },
  },
} as const
