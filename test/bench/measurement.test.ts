import { expect, test } from 'vitest'
import { isMissed, type Measurement, measurementTable, outcomeText, percentile } from './measurement.ts'

const IDLE = { name: 'idle', unit: 'MB' } as const
const FIGURES: readonly Measurement[] = [
  { ...IDLE, variant: 'PGlite', value: 351.2, target: 350 },
  { ...IDLE, variant: 'PostgreSQL', value: 99.94, target: 150 },
  { name: 'lost', variant: 'PGlite', value: 0, unit: 'count', target: 0 },
  { name: 'start', variant: 'PostgreSQL', value: 3.21, unit: 'ms' },
]

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([100, 198, 200])
  expect(percentile([], 0.5)).toBeNaN()
})

test('what is beyond its target is missed, and so is what could not be measured', () => {
  expect(FIGURES.map(isMissed)).toEqual([true, false, false, false])
  expect(isMissed({ ...IDLE, variant: '', value: Number.NaN, target: 1 })).toBe(true)
})

test('what is to be more is missed below its target', () => {
  const share = { name: 'share', variant: '', unit: '%', target: 100, moreIsBetter: true } as const
  expect([99.9, 100].map((value) => isMissed({ ...share, value }))).toEqual([true, false])
  expect(measurementTable([{ ...share, value: 99.9 }])).toContain('≥ 100 %')
})

test('the table has one column per variant, and says what is missed', () => {
  expect(measurementTable(FIGURES).split('\n')).toEqual([
    '         PGlite  PostgreSQL          target',
    'idle   351 MB ✗   99.9 MB ✓  ≤ 350 / 150 MB',
    'lost        0 ✓           –             ≤ 0',
    'start         –      3.2 ms                ',
  ])
})

test('only what was measured meets a target', () => {
  expect([FIGURES, FIGURES.slice(1), FIGURES.slice(3), []].map(outcomeText)).toEqual([
    '1 beyond the target (✗)',
    'every target of these is met',
    'none of this has a target',
    'nothing was measured',
  ])
})
