import { expect, test, vi } from 'vitest'
import { createAddressBook } from '../../../src/sandbox/egress/address-book.ts'

test('a hundred questions at once are one look-up, and its answer holds for a while', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    let times = 0
    const book = createAddressBook(async () => `192.0.2.${++times}`)
    const named = { named: true }
    const all = await Promise.all(Array.from({ length: 100 }, () => book.find('a.example.org', named)))
    expect(new Set(all)).toEqual(new Set(['192.0.2.1']))
    // Another question: it may have another answer.
    expect(await book.find('a.example.org', { named: false })).toBe('192.0.2.2')
    vi.advanceTimersByTime(29_000)
    expect(await book.find('a.example.org', named)).toBe('192.0.2.1')
    vi.advanceTimersByTime(2000)
    expect(await book.find('a.example.org', named)).toBe('192.0.2.3')
    book.forget('a.example.org')
    expect(await book.find('a.example.org', named)).toBe('192.0.2.4')
  } finally {
    vi.useRealTimers()
  }
})

test('a host that was not found is looked up again, and many names do not stay', async () => {
  const asked: string[] = []
  const book = createAddressBook(async (host) => {
    asked.push(host)
    if (host === 'broken.example.org') throw new Error('the server of names does not answer')
    return host === 'nowhere.example.org' ? undefined : '192.0.2.1'
  })
  for (const host of ['nowhere.example.org', 'broken.example.org']) {
    expect(await book.find(host, { named: false })).toBeUndefined()
    expect(await book.find(host, { named: false })).toBeUndefined()
  }
  expect(asked).toHaveLength(4)
  for (let n = 0; n <= 200; n++) await book.find(`${n}.example.org`, { named: false })
  await book.find('0.example.org', { named: false })
  await book.find('200.example.org', { named: false })
  expect(asked).toHaveLength(4 + 201 + 1)
})
