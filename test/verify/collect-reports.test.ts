import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { collectReports, collectScript } from '../../src/verify/collect-reports.ts'
import { collectCoverage } from '../../src/verify/line-coverage/collect-coverage.ts'
import { readReport } from '../../src/verify/reports/read-report.ts'
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

test('what tests printed does not make a report of JUnit too large, nor do long names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reports-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const log = `<![CDATA[${'a "b" <c> </testsuite>\n'.repeat(600_000)}]]>`
  const cases = ['one', `two ${'x'.repeat(2_000_000)} &amp;`, 'three &lt;4>'].map(
    (name, at) =>
      `<testcase name="${name}">${at === 1 ? '<failure><![CDATA[<skipped/>]]></failure>' : ''}<system-out>${log}</system-out></testcase>`,
  )
  const property = '<property name="java.class.path" value="/a:/b"/>\n'
  const document = `<?xml version="1.0"?>\n<testsuite name="s"><properties>${property}</properties>${cases.join('\n')}</testsuite>\n`
  for (const name of ['a.xml', 'b.xml']) await writeFile(join(folder, name), document)
  const reports = [
    { ...FILES, format: 'junit', source: { kind: 'files', pattern: `${folder}/*.xml` } },
  ] as const
  const { stdout } = spawnSync('bash', ['-c', collectScript(folder, reports)], { maxBuffer: 1e8 })
  const [texts = []] = collectReports(folder, { printed: '', collected: stdout.toString(), reports })
  expect(texts).toHaveLength(2)
  expect(texts.join('').length).toBeLessThan(10_000)
  const reading = readReport({ format: 'junit', texts, place: { root: '/w', folder: '' } })
  const read =
    'tests' in reading ? reading.tests.map(({ name, status }) => [name.slice(0, 9), status]) : reading
  expect(read).toEqual([
    ['s > one', 'passed'],
    ['s > two x', 'failed'],
    ['s > three', 'passed'],
  ])
})
