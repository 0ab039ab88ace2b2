import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { createRememberedPermissions } from '../../../src/web/access/remembered-permissions.ts'

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
