import { expect, test } from 'vitest'
import { measureCatchRates, totalRate } from '../../src/secrets/catch-rates.ts'

test('99 of 100 secrets of gitleaks own tests are found, and at most 2 of 100 of its harmless texts', () => {
  const rates = measureCatchRates()
  const total = totalRate(rates)
  expect(rates).toHaveLength(220)
  expect(total.found / total.secrets).toBeGreaterThanOrEqual(0.99)
  expect(total.false / total.harmless).toBeLessThanOrEqual(0.02)
  // Their rules look at paths as well, or take a password of ordinary words for one.
  const weak = ['curl-auth-user', 'hashicorp-tf-password', 'nuget-config-password']
  expect(rates.filter(({ secrets, found }) => found < secrets * 0.95).map(({ rule }) => rule)).toEqual(weak)
})
