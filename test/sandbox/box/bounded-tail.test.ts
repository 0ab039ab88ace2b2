import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBoundedTail } from '../../../src/sandbox/box/bounded-tail.ts'

const collect = (maxBytes: number, chunks: readonly Uint8Array[]) => {
  const tail = createBoundedTail(maxBytes)
  for (const chunk of chunks) tail.push(chunk)
  return { text: tail.bytes().toString('utf8'), total: tail.totalBytes() }
}

test('what fits is kept as it is', () => {
  expect(collect(10, [Buffer.from('01234'), Buffer.from('56789')])).toEqual({ text: '0123456789', total: 10 })
  expect(collect(10, [])).toEqual({ text: '', total: 0 })
})

test('of what does not fit the beginning and the end are kept', () => {
  expect(collect(6, [Buffer.from('abcdefghij')]).text).toBe('abc\n[… 4 bytes left out …]\nhij')
})

test('no character is cut in half', () => {
  expect(collect(8, [Buffer.from('aüü🚀🚀🚀üüb')]).text).toBe('aü\n[… 16 bytes left out …]\nüb')
})

test('how the output was cut into chunks makes no difference', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat(50)),
      fc.integer({ min: 2, max: 60 }),
      (all, cuts, max) => {
        const chunks: Uint8Array[] = []
        let at = 0
        for (const cut of cuts) {
          chunks.push(all.subarray(at, at + cut))
          at += cut
        }
        chunks.push(all.subarray(at))
        expect(collect(max, chunks)).toEqual(collect(max, [all]))
      },
    ),
  )
})

test('a gigabyte takes no more memory than was allowed', () => {
  const tail = createBoundedTail(1024 * 1024)
  const chunk = Buffer.alloc(65_536, 'x')
  const before = process.memoryUsage().rss
  for (let index = 0; index < 16_384; index++) tail.push(chunk)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  expect(tail.totalBytes()).toBe(1024 ** 3)
})
