import type { Context } from 'hono'
import type { z } from 'zod'
import { BackspaceError } from '../errors.ts'

/**
 * The query of a request. A form sends its empty fields as well, so an empty one counts as none.
 *
 * @throws {BackspaceError} `bad_request`, which names every parameter that is wrong, and what is known.
 */
export function readQuery<Query extends z.ZodObject>(c: Context, schema: Query): z.output<Query> {
  const given = Object.entries(c.req.query()).filter(([, value]) => value.trim() !== '')
  const query = schema.safeParse(Object.fromEntries(given))
  if (query.success) return query.data
  const names = [...new Set(query.error.issues.map(({ path }) => path.join('.')))].join(', ')
  const known = Object.entries(schema.shape).map(([name, field]) => {
    return `${name}: ${(field as z.ZodType).description ?? ''}`
  })
  throw new BackspaceError('bad_request', `Wrong in the query: ${names}. Known are ${known.join(' ')}`)
}
