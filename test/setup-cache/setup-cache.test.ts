import { afterAll, beforeEach, expect, test } from 'vitest'
import type { SandboxSnapshots, SnapshotInfo } from '../../src/sandbox/snapshots.ts'
import { createSetupCache } from '../../src/setup-cache/setup-cache.ts'
import { createSetupCacheStore } from '../../src/setup-cache/setup-cache-store.ts'
import { sweepSetupCache } from '../../src/setup-cache/sweep-setup-cache.ts'
import { openSharedDatabase } from '../support/shared-postgres.ts'

const DAY = 24 * 60 * 60_000
const signal = new AbortController().signal
const tree = { entries: [{ path: 'package.json', mode: '100644', sha: 'a' }], truncated: false }

/** A place for snapshots that only remembers their names. */
function memorySnapshots(bytes: number | undefined): SandboxSnapshots & { readonly left: () => string[] } {
  const taken = new Map<string, SnapshotInfo>()
  return {
    environment: async () => 'template',
    async take(sandboxId, { name }) {
      if (sandboxId === 'busy') return undefined
      if (sandboxId === 'broken') throw new Error('no answer')
      const info = { id: `snapshot-${taken.size}`, name, bytes }
      taken.set(info.id, info)
      return info
    },
    remove: async (id) => void taken.delete(id),
    list: async () => [...taken.values()],
    left: () => [...taken.keys()],
  }
}

const db = await openSharedDatabase()
afterAll(() => db.close())
beforeEach(() => db.sql.deleteFrom('setup_cache').execute())

function world(bytes: number | undefined = 10) {
  let time = Date.parse('2026-11-29T00:00:00Z')
  const now = () => new Date(time)
  const snapshots = memorySnapshots(bytes)
  const store = createSetupCacheStore(db, now)
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const cache = createSetupCache({ snapshots, store, kind: 'e2b', egressHosts: [], onError, now })
  const keep = (key: string, sandboxId = 'box') =>
    cache.keep({
      key,
      repositoryId: 7,
      commands: ['npm ci'],
      variables: 'v',
      tree: 't',
      setupMs: 12_345.6,
      sandboxId,
      signal,
    })
  const sweep = (limits: { entries?: number; bytes?: number; days?: number }) =>
    sweepSetupCache({ snapshots, store, limits: { entries: 9, bytes: 1e9, days: 14, ...limits }, now }).run(
      signal,
    )
  const keys = async () => (await store.list()).map(({ key }) => key)
  return { snapshots, store, cache, errors, keep, sweep, keys, later: (ms: number) => (time += ms) }
}

test('what a run keeps, the next one finds; of two that keep at the same time the first counts', async () => {
  const { cache, keep, snapshots } = world()
  const found = await cache.find({ repositoryId: 7, tree })
  expect(found).toEqual({ key: expect.any(String), entry: undefined })
  const key = found?.key ?? ''
  expect([await keep(key), await keep(key)]).toEqual([true, false])
  expect(snapshots.left()).toEqual(['snapshot-0'])
  const again = await cache.find({ repositoryId: 7, tree })
  expect(again?.entry).toMatchObject({
    key,
    repositoryId: 7,
    snapshotId: 'snapshot-0',
    commands: ['npm ci'],
    tree: 't',
    setupMs: 12_346,
    bytes: 10,
  })
  expect(await cache.find({ repositoryId: 8, tree })).toMatchObject({ entry: undefined })
  if (again?.entry) await cache.forget(again.entry)
  expect((await cache.find({ repositoryId: 7, tree }))?.entry).toBeUndefined()
})

test('a fault of the cache is reported and ends no run', async () => {
  const { keep, errors, keys } = world()
  expect([await keep('a', 'busy'), await keep('b', 'broken')]).toEqual([false, false])
  expect(errors).toEqual([new Error('no answer')])
  expect(await keys()).toEqual([])
})

test('the least recently used goes when there are too many, and what is too old or too large', async () => {
  const { store, keep, sweep, keys, later, snapshots } = world()
  for (const key of ['a', 'b', 'c', 'd']) {
    await keep(key)
    later(1000)
  }
  await store.use('a')
  await sweep({ entries: 3 })
  expect(await keys()).toEqual(['a', 'd', 'c'])
  await sweep({ bytes: 25 })
  expect(await keys()).toEqual(['a', 'd'])
  later(10 * DAY)
  await store.use('d')
  later(10 * DAY)
  await sweep({})
  expect(await keys()).toEqual(['d'])
  expect(snapshots.left()).toHaveLength(1)
  later(11 * DAY)
  await store.use('d') // In use, but made a month ago.
  await sweep({})
  expect([await keys(), snapshots.left()]).toEqual([[], []])
})

test('a snapshot that no entry names is removed, unless a run may be about to name it', async () => {
  const { snapshots, sweep, later, keep, keys } = world(undefined)
  await snapshots.take('box', { name: '0123456789ab-', signal }) // Not one of ours.
  await keep('0123456789abcdef')
  await keep('0123456789abcdef', 'box')
  const name = (await snapshots.list())[1]?.name ?? ''
  await snapshots.take('box', { name, signal })
  await sweep({})
  expect(snapshots.left()).toHaveLength(3)
  later(2 * 60 * 60_000)
  await sweep({})
  expect(snapshots.left()).toEqual(['snapshot-0', 'snapshot-1'])
  expect(await keys()).toEqual(['0123456789abcdef'])
})
