import { z } from 'zod'

export const runId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of the run.',
  schema: { type: 'string' },
} as const

/** Where a stream resumes. */
export const lastEventId = [
  {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Id of the last frame that was received; the stream continues after it.',
    schema: { type: 'integer', minimum: 0 },
  },
  { name: 'after', in: 'query', description: 'The same, for a first request.', schema: { type: 'integer' } },
  {
    name: 'output',
    in: 'query',
    description:
      'true: also `event: output` with `{"text"}`, the end of what the running command has printed.',
    schema: { type: 'string', enum: ['true'] },
  },
] as const

/** A parameter of a query, as OpenAPI describes it. */
interface QueryParameter {
  readonly name: string
  readonly in: 'query'
  readonly description: string | undefined
  readonly schema: object
}

/** The parameters that a schema of a query reads. */
export function queryParameters({ shape }: z.ZodObject): readonly QueryParameter[] {
  return Object.entries(shape).map(([name, field]) => {
    // What a query says is text; a number in it is read from that text.
    const { description, $schema: _, ...schema } = z.toJSONSchema(field as z.ZodType, { io: 'input' })
    return { name, in: 'query', description, schema }
  })
}
