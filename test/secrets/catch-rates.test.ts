import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { measureCatchRates, totalRate } from '../../src/secrets/catch-rates.ts'

const rates = measureCatchRates()
const total = totalRate(rates)

test('99 of 100 secrets of gitleaks own tests are found, and at most 2 of 100 of its harmless texts', () => {
  expect(rates).toHaveLength(220)
  expect(total.found / total.secrets).toBeGreaterThanOrEqual(0.99)
  expect(total.false / total.harmless).toBeLessThanOrEqual(0.02)
  // Gitleaks gives these no finding because of their length or a word beside them.
  expect(rates.flatMap((rate) => Array(rate.false).fill(rate.rule))).toEqual([
    'anthropic-admin-api-key',
    'anthropic-api-key',
    'freemius-secret-key',
    'mailchimp-api-key',
    'infracost-api-token',
  ])
  // Their rules look at paths as well, or take a password of ordinary words for one.
  const weak = ['curl-auth-user', 'hashicorp-tf-password', 'nuget-config-password']
  expect(rates.filter(({ secrets, found }) => found < secrets * 0.95).map(({ rule }) => rule)).toEqual(weak)
})

test('docs/security.md says the same', () => {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8').replaceAll(
    /\s+/g,
    ' ',
  )
  expect(page).toContain(`find ${total.found} of the ${total.secrets} secrets`)
  expect(page).toContain(`take ${total.false} of its ${total.harmless} harmless texts for secrets`)
  for (const { rule, secrets, found } of rates.filter((rate) => rate.found < rate.secrets * 0.95))
    expect(page).toContain(`\`${rule}\` (${found} of ${secrets}`)
})
