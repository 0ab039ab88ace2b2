import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { isInScope, parseRepositoryPattern } from '../../src/runs/repository-scope.ts'
import { createRunStore } from '../../src/runs/store/run-store.ts'
import { useDatabase } from '../web/serve-web.ts'

const database = useDatabase()

test.each([
  ['*', '*/*'],
  ['acme/*', 'acme/*'],
  ['Acme/API', 'acme/api'],
  ['acme-*/web.*', 'acme-*/web.*'],
  ['acme', undefined],
  ['acme/', undefined],
  ['/api', undefined],
  ['acme/api/x', undefined],
  ['acme/**', undefined],
  ['a*c*e/api', undefined],
  ['acme/a b', undefined],
  ['%/%', undefined],
  ['', undefined],
])('the pattern %j is read as %j', (text, pattern) => {
  expect(parseRepositoryPattern(text)).toBe(pattern)
})

test('a pattern covers what it says and no more', () => {
  const covers = (pattern: string, name: string) => {
    const [owner = '', repository = ''] = name.split('/')
    return isInScope([pattern], { owner, name: repository })
  }
  expect(covers('acme/*', 'ACME/x')).toBe(true)
  expect(covers('acme/*', 'acme-2/x')).toBe(false)
  expect(covers('acme/api', 'acme/api-2')).toBe(false)
  expect(covers('acme/a.b', 'acme/axb')).toBe(false)
  expect(covers('acme/a_b', 'acme/axb')).toBe(false)
  expect(covers('*/api', 'evil/api')).toBe(true)
  expect(covers('*/*', 'any/thing')).toBe(true)
  expect(isInScope([], { owner: 'acme', name: 'api' })).toBe(false)
})

test('the database decides as the program does', async () => {
  const db = database()
  const part = fc.stringMatching(/^[ab._-]{1,3}$/)
  const glob = fc.tuple(
    fc.stringMatching(/^[ab._-]{0,2}\*?[ab._-]{0,1}$/),
    fc.stringMatching(/^[ab._-]{0,2}\*?$/),
  )
  const [names] = fc.sample(
    fc.uniqueArray(fc.tuple(part, part), { minLength: 40, maxLength: 40, selector: String }),
    1,
  )
  await sql`delete from runs`.execute(db.sql)
  for (const [index, [owner, name]] of (names ?? []).entries()) {
    const request = JSON.stringify({ repository: { owner, name } })
    await sql`
      insert into runs (id, status, repository, request, created_at)
      values (${`r-${index}`}, 'queued', ${`${owner}/${name}`}, ${request}::json, now())`.execute(db.sql)
  }
  const store = createRunStore(db)
  await fc.assert(
    fc.asyncProperty(fc.array(glob, { maxLength: 3 }), async (globs) => {
      const scope = globs
        .map((parts) => parseRepositoryPattern(parts.join('/')))
        .filter((each) => each !== undefined)
      const found = await store.list({ limit: 100, scope })
      const listed = found.map(({ request: { repository } }) => `${repository.owner}/${repository.name}`)
      const expected = (names ?? []).filter(([owner, name]) => isInScope(scope, { owner, name }))
      expect(listed.sort()).toEqual(expected.map((pair) => pair.join('/')).sort())
    }),
    { numRuns: 60 },
  )
})
