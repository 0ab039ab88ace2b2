import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { APP, problemsOf, SECRET, TOKEN } from './problems-of.ts'

const weak: readonly [string, string][] = [
  ['x', 'one letter'],
  ['development', 'the default of other Apps'],
  ['secret', 'a word'],
  [randomBytes(15).toString('hex'), '30 random characters'],
  ['a'.repeat(64), 'one letter, often'],
  ['ab'.repeat(32), 'two letters, often'],
  ['developmentdevelopmentdevelopment', 'a word, often'],
  ['P4ssw0rd!P4ssw0rd!P4ssw0rd!P4ssw0rd!', 'a word with digits, often'],
  ['0123456789abcdef0123456789abcdef', 'the digits in order'],
  ['abcdefghijklmnopqrstuvwxyz0123456789', 'the alphabet'],
  ['aabbccddeeffgghhiijjkkllmmnnooppqq', 'the alphabet in pairs'],
  ['qwertyuiopasdfghjklzxcvbnm1234567890', 'the keyboard'],
  ['1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p', 'columns of the keyboard'],
  ['webhook-secret-webhook-secret-webhook', 'common words'],
  [`${'0'.repeat(40)}1`, 'zeros and a one'],
]

test.each(weak)('WEBHOOK_SECRET=%s (%s)', (secret) => {
  expect(problemsOf({ ...APP, WEBHOOK_SECRET: secret })).toEqual([
    expect.stringMatching(/^WEBHOOK_SECRET is .*openssl rand -hex 32/),
  ])
})

test('an App without a webhook secret is refused, with how to make one', () => {
  expect(problemsOf({ ...APP, WEBHOOK_SECRET: '' })).toEqual([
    expect.stringMatching(
      /WEBHOOK_SECRET is not: anyone could forge webhooks\. Make one with `openssl rand -hex 32`/,
    ),
  ])
})

test.each([
  ['a'.repeat(16), /token-1 is easy to guess/],
  ['ci=abcdefghijklmnop', /ci is easy to guess/],
  ['ci=passwordpassword', /ci is easy to guess/],
  ['qwertyuiop123456', /token-1 is easy to guess/],
  ['a1b2c3d4a1b2c3d4', /token-1 is easy to guess/],
  ['z9y8x7w6v5u4t3s2r1', /token-1 is easy to guess/],
  ['ci=short', /ci is under 16 characters/],
  [`one=${TOKEN},two=${TOKEN}`, /one and two are the same token/],
  [`${TOKEN},${TOKEN}`, /token-1 and token-2 are the same token/],
  [`ci=${TOKEN},ci=${SECRET}`, /two tokens have the name ci/],
  [`ci=${TOKEN.slice(0, 20)} ${TOKEN.slice(20)}`, /ci has a space/],
])('API_TOKENS=%s', (API_TOKENS, problem) => {
  const problems = problemsOf({ API_TOKENS })
  expect(problems).toEqual([expect.stringMatching(problem)])
  expect(problems.join()).not.toContain(TOKEN)
})

test('one secret for two purposes', () => {
  expect(problemsOf({ ...APP, API_TOKENS: SECRET })).toEqual([
    expect.stringMatching(/API_TOKENS has the value of WEBHOOK_SECRET/),
  ])
})

test('what a generator makes is accepted, in every alphabet', () => {
  for (let round = 0; round < 300; round++) {
    const [hex, base64] = [randomBytes(32).toString('hex'), randomBytes(24).toString('base64')]
    expect(problemsOf({ ...APP, WEBHOOK_SECRET: hex, API_TOKENS: base64 })).toEqual([])
    expect(problemsOf({ API_TOKENS: randomBytes(10).toString('hex') })).toEqual([])
  }
  expect(problemsOf({ ...APP, WEBHOOK_SECRET: 'a webhook secret of 9f8b2c4e-11d7-4a53-b0c6' })).toEqual([])
})
