import { describe, expect, test } from 'vitest'
import { problemsOf } from './problems-of.ts'

describe('addresses and hosts', () => {
  test.each([
    ...[
      '*',
      '**',
      '*.*',
      '*.',
      '*.com',
      '*.co.uk',
      '*.com.br',
      '*.github.io',
      '*.s3.amazonaws.com',
      '*.pages.dev',
    ],
    ...[
      '*.amazonaws.com',
      '*.internal',
      'a*.example.org',
      '*example.org',
      'x.*.example.org',
      '10.0.0.1',
      '10.0.0.0/8',
    ],
    ...[
      '::1',
      '[::1]',
      '0x7f000001',
      '2130706433',
      'https://example.org',
      'example.org:443',
      'example.org/x',
      'a b',
    ],
    ...['me:9fJ2@example.org', '-x.example.org', 'exämple.org', '.example.org', 'example..org'],
  ])('BACKSPACE_EGRESS=%s', (host) => {
    const problems = problemsOf({ BACKSPACE_EGRESS: `registry.npmjs.org,${host}` })
    expect(problems).toEqual([expect.stringMatching(/^BACKSPACE_EGRESS has /)])
    expect(problems.join()).not.toContain('9fJ2')
  })

  test('names, and names below a name that belongs to one owner, are accepted', () => {
    const hosts =
      'example.org, *.example.org, *.corp.internal, nexus, *.example.co.uk, EXAMPLE.org., me.github.io'
    expect(problemsOf({ BACKSPACE_EGRESS: hosts })).toEqual([])
  })

  const addresses = [
    ...['ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL', 'E2B_API_URL', 'E2B_SANDBOX_URL', 'LANGSMITH_ENDPOINT'],
  ]
  test.each(addresses)('%s is https, or on this machine', (name) => {
    for (const address of [
      ...['http://models.example', 'http://10.0.0.5:4000/v1', 'http://127.0.0.1.models.example'],
      ...['HTTP://models.example', 'http://localhost.models.example', 'http://[::2]', 'http://0.0.0.0:1'],
    ])
      expect(problemsOf({ [name]: address })).toEqual([
        expect.stringMatching(/is plain http to another machine/),
      ])
    for (const address of [
      'https:models.example',
      'models.example',
      'ftp://models.example',
      '//x',
      'https://',
    ])
      expect(problemsOf({ [name]: address })).toEqual([
        expect.stringMatching(/must be an http or https address/),
      ])
    expect(problemsOf({ [name]: 'https://models.example/?key=9fJ2' })).toHaveLength(1)
    for (const address of [
      'http://127.0.0.1:1',
      'http://localhost:1/v1/',
      'http://[::1]:1',
      'https://x.example/v1',
    ])
      expect(problemsOf({ [name]: address })).toEqual([])
  })

  test.each([
    [
      { PUBLIC_URL: 'https://me:9fJ2kLmN@backspace.example' },
      /PUBLIC_URL has a user name or a password in it/,
    ],
    [{ GHE_HOST: 'github.corp.example', GHE_PROTOCOL: 'http' }, /GHE_PROTOCOL is http/],
    [{ GHE_HOST: 'me:pass@github.corp.example' }, /GHE_HOST must be a host name/],
    [{ GHE_HOST: 'github.corp.example?x' }, /GHE_HOST must be a host name/],
    [{ DATABASE_URL: 'postgres://me:9fJ2%zz@db/backspace' }, /DATABASE_URL is not a valid address/],
    [{ DATABASE_URL: 'postgres://me:9f/J2@db:x/backspace' }, /DATABASE_URL is not a valid address/],
    [{ DATA_DIR: import.meta.filename }, /DATA_DIR is a file/],
    [{ WEBHOOK_PATH: 'hooks' }, /WEBHOOK_PATH must start/],
  ])('%o', (env, problem) => {
    const problems = problemsOf(env)
    expect(problems).toEqual([expect.stringMatching(problem)])
    expect(problems.join()).not.toContain('9f')
  })
})

test.each([
  '1e3',
  '0x10',
  '-1',
  '+5',
  'NaN',
  'Infinity',
  '4.5',
  '1,000',
  '99999999999999999999',
  '5 0',
])('BACKSPACE_MAX_STEPS=%s is no whole number in range', (value) => {
  expect(problemsOf({ BACKSPACE_MAX_STEPS: value })).toEqual([
    expect.stringMatching(/BACKSPACE_MAX_STEPS must be a whole number from 1 to 10000/),
  ])
})

test.each([
  '1e9',
  '0x10',
  '-1',
  'NaN',
  'Infinity',
  '0',
  '0.0',
  '.',
  '$5',
  '1000001',
])('BACKSPACE_BUDGET_USD=%s is no amount', (value) => {
  expect(problemsOf({ BACKSPACE_BUDGET_USD: value })).toEqual([
    expect.stringMatching(/BACKSPACE_BUDGET_USD must be a number above 0/),
  ])
})

test('a key that was put into a variable for something else is not repeated', () => {
  const key = 'sk-ant-api03-9fJ2kLmN0pQrStUvWxYz'
  const places = [
    'PORT',
    'LOG_LEVEL',
    'APP_ID',
    'BACKSPACE_MODELS',
    'BACKSPACE_BUDGET_USD',
    'BACKSPACE_SANDBOX',
  ]
  for (const name of places) {
    const problems = problemsOf({ [name]: key })
    expect(problems.length, name).toBeGreaterThan(0)
    expect(problems.join(), name).not.toContain('9fJ2')
  }
})
