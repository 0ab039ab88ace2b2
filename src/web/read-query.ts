import type { Context } from 'hono'
import type { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { prefersHtml } from './read-request.ts'

/**
 * The query of a request. A form sends its empty fields as well, so an empty one counts as none. A program learns of
 * a parameter that is not known, because a filter that it misspelt would list everything; a page's address may carry
 * what others have added to it.
 *
 * @throws {BackspaceError} `bad_request`, which names every parameter that is wrong, and what is known.
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
  throw new BackspaceError('bad_request', `Wrong in the query: ${names}. Known are ${known.join(' ')}`)
}
