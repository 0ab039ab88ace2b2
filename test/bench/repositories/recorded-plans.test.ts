import { expect, test } from 'vitest'
import { judgePlan } from './judge-plan.ts'
import { readRecord } from './recorded-plans.ts'
import { readIndex } from './truth.ts'

test('the recorded plans are judged as their targets ask', async () => {
  const index = await readIndex()
  const { day, plans } = await readRecord(index)
  expect(day).toMatch(/^\d{4}-\d\d-\d\d$/)
  const verdicts = index.flatMap((truth) => {
    const plan = plans.get(truth.name)
    return plan ? [judgePlan(truth, plan).verdict] : []
  })
  expect(verdicts.length).toBeGreaterThanOrEqual(150)
  const percent = (...wanted: readonly string[]) =>
    (100 * verdicts.filter((verdict) => wanted.includes(verdict)).length) / verdicts.length
  expect(percent('right')).toBeGreaterThanOrEqual(80)
  expect(percent('right', 'useful')).toBeGreaterThanOrEqual(92)
  expect(percent('wrong')).toBeLessThanOrEqual(2)
})
