import { expect, test } from 'vitest'
import { collectReports } from '../../src/verify/collect-reports.ts'
import { collectCoverage } from '../../src/verify/line-coverage/collect-coverage.ts'
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

test('S12: coverage that begins again and again is read in linear time, and not in part', () => {
  const mark = `\n=== ${'ab'.repeat(8)} coverage ===`
  const asked = [{ format: 'lcov', pattern: 'x', folder: '' }] as const
  const read = (sections: string) => collectCoverage(`${mark}\n${sections}`, { folder: FOLDER, asked })
  expectLinear(read, `${mark} found a/lcov.info\nx`, 8 * 1024 * 1024)
  expect(read(`${mark} found a/lcov.info\nx`.repeat(2001)).texts).toEqual([])
  const many = read([...Array(201).fill(`${mark} found a/lcov.info\nx`), `${mark} asked 0\ny`].join(''))
  expect(many.texts.map(({ text }) => text)).toEqual(['y'])
})
