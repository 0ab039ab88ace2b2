import { expect, test } from 'vitest'
import { keepReads } from '../../src/memory/kept-reads.ts'

function startReads(most = 10) {
  const clock = { ms: 0 }
  const asked: string[] = []
  const reads = keepReads<string, string>({ most, now: () => new Date(clock.ms) })
  const get = (key: string, answer: Promise<string> | string = key) =>
    reads.get(key, 100, async () => {
      asked.push(key)
      return answer
    })
  return { clock, asked, get }
}

test('an answer is read once until its time is over, also by callers that ask while it is read', async () => {
  const { clock, asked, get } = startReads()
  expect(await Promise.all([get('a', 'one'), get('a', 'two')])).toEqual(['one', 'one'])
  clock.ms = 99
  expect(await get('a', 'two')).toBe('one')
  clock.ms = 100
  expect(await get('a', 'two')).toBe('two')
  expect(asked).toEqual(['a', 'a'])
})

test('a read that fails is read again at the next call', async () => {
  const { get } = startReads()
  await expect(get('a', Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await get('a', 'there')).toBe('there')
})

test('a late failure does not forget the answer of a later read', async () => {
  const { clock, asked, get } = startReads()
  const first = Promise.withResolvers<string>()
  const early = get('a', first.promise)
  clock.ms = 100
  expect(await get('a', 'later')).toBe('later')
  first.reject(new Error('away'))
  await expect(early).rejects.toThrow('away')
  expect(await get('a', 'unasked')).toBe('later')
  expect(asked).toEqual(['a', 'a'])
})

test('above the limit, the answer that was read longest ago is read again', async () => {
  const { asked, get } = startReads(2)
  for (const key of ['a', 'b', 'c', 'b', 'a']) await get(key)
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
})
