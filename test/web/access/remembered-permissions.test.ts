import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { createRememberedPermissions } from '../../../src/web/access/remembered-permissions.ts'

test('with many repositories each answer is kept for longer, so that all together leave room for runs', async () => {
  let [now, asked] = [0, 0]
  const permissions = createRememberedPermissions({
    now: () => new Date(now),
    permissionOf: () => Promise.resolve('none'),
    async audienceOf() {
      asked += 1
      return { isPublic: false, people: [{ id: 1, login: 'ada', permission: 'write' }] }
    },
  })
  const find = (count: number, id: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) =>
        permissions.find({ login: 'ada', id }, { owner: 'acme', name: `r${at}` }),
      ),
    )
  // GitHub is asked once for all people, and a stranger with the same login is not ada.
  expect([new Set(await find(250, 1)), new Set(await find(250, 2)), asked]).toEqual([
    new Set(['write']),
    new Set(['none']),
    250,
  ])
  now = 5 * 60_000
  await find(250, 1)
  expect(asked).toBeLessThan(360)
  now = 15 * 60_000
  await find(250, 1)
  expect(asked).toBeGreaterThanOrEqual(500)
})

test('what GitHub said is kept for five minutes; while it does not answer, for a quarter of an hour', async () => {
  let [now, asked, down] = [0, 0, false]
  const permissions = createRememberedPermissions({
    now: () => new Date(now),
    audienceOf: async () => ({ isPublic: false, people: undefined }),
    async permissionOf() {
      asked += 1
      if (down) throw new BackspaceError('github_unavailable', 'GitHub does not answer.')
      return 'read'
    },
  })
  const api = { owner: 'acme', name: 'api' }
  const find = (id: number) => permissions.find({ login: 'ada', id }, api).catch(() => 'nothing')
  const after = async (minutes: number) => {
    now += minutes * 60_000
    return [await find(1), asked]
  }
  expect([await after(0), await after(4)]).toEqual([
    ['read', 1],
    ['read', 1],
  ])
  // Another account with the same login is another person.
  expect([await find(2), asked]).toEqual(['read', 2])
  expect(await after(1)).toEqual(['read', 3])
  down = true
  // Asked again after a few moments, not with each request.
  expect([await after(5), await after(0), await after(0.5)]).toEqual([
    ['read', 4],
    ['read', 4],
    ['read', 5],
  ])
  expect(await after(9)).toEqual(['read', 6])
  expect(await after(1)).toEqual(['nothing', 7])
  expect(await after(0)).toEqual(['nothing', 8])
  down = false
  expect(await after(0)).toEqual(['read', 9])
})
