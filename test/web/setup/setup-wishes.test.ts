import { expect, test } from 'vitest'
import { readWishes } from '../../../src/web/setup/setup-wishes.ts'

const DEFAULTS: Parameters<typeof readWishes>[1] = {
  configuredUrl: undefined,
  webhookPath: '/api/github/webhooks',
  canStore: true,
  usualKeeping: 'stored',
  suffix: 'abc123',
}
const wishes = (query: Record<string, string>, more: Partial<Parameters<typeof readWishes>[1]> = {}) =>
  readWishes(query, { ...DEFAULTS, ...more })

test.each([
  ['https://backspace.example', 'https://backspace.example/api/github/webhooks'],
  ['backspace.example/', 'https://backspace.example/api/github/webhooks'],
  ['https://backspace.example/bot/', 'https://backspace.example/bot/api/github/webhooks'],
  ['https://backspace.example/api/github/webhooks', 'https://backspace.example/api/github/webhooks'],
  ['http://10.1.2.3:8080', 'http://10.1.2.3:8080/api/github/webhooks'],
  ['https://smee.io/abCD12', 'https://smee.io/abCD12'],
])('webhooks to %s go to %s', (webhook, url) => {
  expect(wishes({ webhook })).toMatchObject({ webhookUrl: url, problems: { webhook: undefined } })
})

test.each([
  ['', /needs an address/],
  ['http://localhost:3000', /cannot reach an address of this machine/],
  ['127.0.0.1:3000', /cannot reach an address of this machine/],
  ['http://[::1]:3000', /cannot reach an address of this machine/],
  ['laptop', /cannot reach an address of this machine/],
  ['ftp://backspace.example', /is no web address/],
  ['https://me:secret@backspace.example', /Leave user name and password out/],
  ['https://', /is no web address/],
])('%j is no address for webhooks', (webhook, problem) => {
  const { webhookUrl, problems } = wishes({ webhook })
  expect([webhookUrl, problems.webhook]).toEqual([undefined, expect.stringMatching(problem)])
})

test('PUBLIC_URL is the address that needs no form, and nothing is wrong before the form was sent', () => {
  expect(wishes({}).problems.webhook).toBeUndefined()
  expect(wishes({}, { configuredUrl: 'https://backspace.example' })).toMatchObject({
    name: 'backspace-abc123',
    webhookUrl: 'https://backspace.example/api/github/webhooks',
    keeping: 'stored',
  })
})

test('names and organizations are those that GitHub takes; where nothing can be stored the keys are shown', () => {
  const problemsOf = (query: Record<string, string>) =>
    wishes({ webhook: 'https://a.example', ...query }).problems
  expect(problemsOf({ name: 'x'.repeat(35) }).name).toMatch(/at most 34/)
  expect(problemsOf({ name: '<b>' }).name).toMatch(/letters, digits/)
  expect(problemsOf({ organization: '@acme' }).organization).toBeUndefined()
  expect(problemsOf({ organization: 'acme/../x' }).organization).toMatch(/login of the organization/)
  expect(wishes({ keeping: 'shown' }).keeping).toBe('shown')
  expect(wishes({ keeping: 'stored' }, { canStore: false }).keeping).toBe('shown')
  expect(wishes({}, { usualKeeping: 'shown' }).keeping).toBe('shown')
  expect(wishes({ keeping: 'stored' }, { usualKeeping: 'shown' }).keeping).toBe('stored')
})
