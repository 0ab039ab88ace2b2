import { expect, test } from 'vitest'
import { collectReports } from '../../src/verify/collect-reports.ts'
import { expectLinear } from '../support/growth.ts'

const FOLDER = `/tmp/test-reports-${'ab'.repeat(16)}`
const END = `\n=== ${'ab'.repeat(8)} end of report ===`
const FILES = { source: { kind: 'files', pattern: 'x' }, format: 'lines', folder: '' } as const

test('S12: a report that ends again and again is read in linear time, and in part', () => {
  const read = (collected: string) =>
    collectReports(FOLDER, { printed: '', collected, reports: [FILES, FILES] })
  expectLinear(read, `${END} 0\nx`, 8 * 1024 * 1024)
  const [texts, others] = read(`${END} 0\nx`.repeat(5000))
  expect([texts?.length, others]).toEqual([2000, []])
  expect(read(`${END} 1\na${END} 0\nb${END} 7\nc`)).toEqual([['b'], ['a']])
})
