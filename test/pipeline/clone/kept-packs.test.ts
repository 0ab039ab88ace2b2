import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createKeptPacks } from '../../../src/pipeline/clone/kept-packs.ts'

const MOST = 10

test('sandboxes that ask at the same time share what is fetched, until the run ends', async () => {
  const packs = createKeptPacks(MOST)
  let fetches = 0
  const fetch = async () => {
    fetches++
    return MOST
  }

  const used = await Promise.all([1, 2, 3].map(() => packs.use({ id: 'a', fetch }, async (one) => one)))
  await packs.use({ id: 'b', fetch }, async (other) => expect(used).not.toContain(other))

  const [directory = ''] = used
  expect(new Set(used)).toHaveLength(1)
  expect(fetches).toBe(2)
  expect(existsSync(directory)).toBe(true)
  await packs[Symbol.asyncDispose]()
  expect(existsSync(directory)).toBe(false)
})

test('what cannot be fetched fails only for who fetched it; the others try it themselves, once', async () => {
  const packs = createKeptPacks(MOST)
  let fetches = 0
  const fetch = async () => {
    if (++fetches === 1) throw new Error('refused')
    return MOST
  }

  const ends = await Promise.allSettled(
    [1, 2, 3].map(() => packs.use({ id: 'a', fetch }, async (one) => one)),
  )

  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(fetches).toBe(2)
  await packs[Symbol.asyncDispose]()
})

test('what is large is fetched for each sandbox, and gone when it is uploaded', async () => {
  const packs = createKeptPacks(MOST)
  const fetch = async () => MOST + 1

  const used = await Promise.all([1, 2].map(() => packs.use({ id: 'a', fetch }, async (one) => one)))

  expect(new Set(used)).toHaveLength(2)
  expect(used.filter((directory) => existsSync(directory))).toEqual([])
})
