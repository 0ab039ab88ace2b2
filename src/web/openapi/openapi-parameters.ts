import { z } from 'zod'

export const runId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of the run.',
  schema: { type: 'string' },
} as const

/** The parameters of an event stream: where it resumes, and whether it shows live output. */
export const lastEventId = [
  {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Id of the last frame that the client received; the stream continues after it.',
    schema: { type: 'integer', minimum: 0 },
  },
  {
    name: 'after',
    in: 'query',
    description: 'The same as Last-Event-ID, for clients that cannot set a header.',
    schema: { type: 'integer' },
  },
  {
    name: 'output',
    in: 'query',
    description:
      '`true` adds `event: output` with `{"text"}`: the last output of the command that is running.',
    schema: { type: 'string', enum: ['true'] },
  },
] as const

/** A query parameter, as OpenAPI describes it. */
interface QueryParameter {
  readonly name: string
  readonly in: 'query'
  readonly description: string | undefined
  readonly schema: object
}

/** One parameter for each field of a query's schema. */
export function queryParameters({ shape }: z.ZodObject): readonly QueryParameter[] {
  return Object.entries(shape).map(([name, field]) => {
    // Query parameters are text on the wire, so OpenAPI shows the schema's input, not what it parses to.
    const { description, $schema: _, ...schema } = z.toJSONSchema(field as z.ZodType, { io: 'input' })
    return { name, in: 'query', description, schema }
  })
}
