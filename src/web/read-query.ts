import type { Context } from 'hono'
import type { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { prefersHtml } from './read-request.ts'

/**
 * Reads the query of a request. Forms send their empty fields too, so an empty parameter counts as absent. For programs,
 * an unknown parameter is an error, because a misspelt filter would list everything. Pages ignore unknown parameters,
 * because other sites add their own to links.
 *
 * @throws {BackspaceError} `bad_request`, which names every wrong parameter, and the known ones.
 */
export function readQuery<Query extends z.ZodObject>(c: Context, schema: Query): z.output<Query> {
  const given = Object.entries(c.req.query()).filter(([, value]) => value.trim() !== '')
  const query = schema.safeParse(Object.fromEntries(given))
  const unknown = prefersHtml(c)
    ? []
    : given.flatMap(([name]) => (Object.hasOwn(schema.shape, name) ? [] : [name]))
  if (query.success && unknown.length === 0) return query.data
  const wrong = query.error?.issues.map(({ path }) => path.join('.')) ?? []
  const names = [...new Set([...wrong, ...unknown])].join(', ')
  const known = Object.entries(schema.shape).map(([name, field]) => {
    return `${name}: ${(field as z.ZodType).description ?? ''}`
  })
  throw new BackspaceError(
    'bad_request',
    `Wrong query parameters: ${names}. Known parameters: ${known.join(' ')}`,
  )
}
