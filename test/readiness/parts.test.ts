import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startE2b } from '../stand-ins/e2b/start-e2b.ts'
import { startOtlp } from '../stand-ins/otlp.ts'
import { e2bEnvironment } from '../support/environment.ts'
import { freePort } from '../support/postgres.ts'
import { useParts } from './look-at-part.ts'

const { github, look } = useParts()

test('models, sandboxes and LangSmith are asked with their keys, and what they refuse is said', async () => {
  const [claude, e2b] = await Promise.all([
    startAnthropic({ script: [{ text: 'ok' }, { text: 'ok' }] }),
    startE2b({ apiKey: 'e2b_right' }),
  ])
  onTestFinished(async () => void (await Promise.all([claude.close(), e2b.close()])))
  const id = 'model-anthropic:claude-opus-5-5'
  const keys = {
    ANTHROPIC_API_KEY: claude.apiKey,
    ANTHROPIC_BASE_URL: claude.baseUrl,
    BACKSPACE_MODELS: 'anthropic:claude-opus-5-5',
  }
  expect(await look(id, keys)).toMatchObject({
    state: 'ok',
    fact: expect.stringMatching(/^answered in .* for (under )?\$0\.0\d/),
  })
  expect(await look(id, { ...keys, ANTHROPIC_API_KEY: 'another-key-for-claude' })).toMatchObject({
    state: 'broken',
    fact: expect.stringMatching(/refused the key \(status 401\); check ANTHROPIC_API_KEY/),
  })
  expect(
    await look(id, { ...keys, ANTHROPIC_BASE_URL: `http://127.0.0.1:${await freePort()}` }),
  ).toMatchObject({ state: 'broken' })
  expect(await look('sandbox', keys)).toMatchObject({
    state: 'broken',
    fact: 'unconfined, with a real model',
  })

  const cloud = { ...e2bEnvironment(e2b, 'e2b_right'), BACKSPACE_SANDBOX: 'e2b' }
  expect(await look('sandbox', cloud)).toMatchObject({
    state: 'ok',
    fact: expect.stringMatching(/^E2B, template base; started, used and closed/),
  })
  const refused = await look('sandbox', { ...cloud, E2B_API_KEY: 'e2b_wrong_and_secret' })
  expect(refused).toMatchObject({
    state: 'broken',
    costs: 'No run can work: the code of a repository runs nowhere else.',
  })
  expect(JSON.stringify(refused)).not.toContain('e2b_wrong_and_secret')
  expect(await look('models')).toMatchObject({
    state: 'not_set',
    costs: expect.stringMatching(/^Without a model/),
  })
})

test('a database and a directory that cannot be used are found before a run needs them', async () => {
  expect(await look('database')).toMatchObject({
    state: 'ok',
    fact: expect.stringContaining('made at the first start'),
  })
  const dead = `postgres://app:pw-canary@127.0.0.1:${await freePort()}/backspace`
  const finding = await look('database', { DATABASE_URL: dead })
  expect(finding).toMatchObject({ state: 'broken', next: expect.stringMatching(/refused|does not answer/) })
  expect(JSON.stringify(finding)).not.toContain('pw-canary')
  expect(await look('data')).toMatchObject({
    state: 'ok',
    fact: expect.stringContaining('GiB free; made at the first start'),
  })
  expect(await look('data', { DATA_DIR: '/proc/nope' })).toMatchObject({
    state: 'broken',
    fact: 'cannot be written (EROFS)',
    path: '/proc/nope',
  })
})

test('a GitHub token is asked whose it is and what it may do', async () => {
  const pat = (scopes: readonly string[]) => ({ GITHUB_PAT: github().createPat({ login: 'ada', scopes }) })
  expect(await look('pat', pat(['repo']))).toMatchObject({
    state: 'ok',
    fact: 'of ada, with the scopes: repo',
  })
  expect(await look('pat', pat(['gist']))).toMatchObject({
    state: 'broken',
    next: expect.stringContaining('scope repo'),
  })
  expect(await look('pat', { GITHUB_PAT: 'ghp_4k1Lq9ZtW7xVb2Nc5Rm8Sd3Fg6Hj0PyTuEa' })).toMatchObject({
    state: 'broken',
    fact: expect.stringMatching(/does not know this token/),
  })
})

test('the collector of OpenTelemetry is asked to take traces, without any', async () => {
  const collector = await startOtlp()
  onTestFinished(() => collector.close())
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k1' }
  const said = () => look('opentelemetry', env)
  expect(await look('opentelemetry')).toMatchObject({ state: 'not_set' })
  expect(await said()).toMatchObject({
    state: 'ok',
    fact: `${new URL(collector.url).host} takes traces`,
    next: expect.stringMatching(/^Private repositories are not traced .* Prompts and answers are not sent/),
  })
  expect([collector.headers()['x-key'], collector.spans()]).toEqual(['k1', []])
  collector.fault = 'refuse'
  expect(await said()).toMatchObject({ state: 'broken', next: 'Check OTEL_EXPORTER_OTLP_HEADERS.' })
  collector.fault = 'error'
  expect(await said()).toMatchObject({ state: 'broken', fact: expect.stringContaining('(status 503)') })
  await collector.close()
  expect(await said()).toMatchObject({ state: 'broken', fact: expect.stringMatching(/^out of reach: /) })
})

test('the checklist says which private repositories are traced: none, unless the operator names them (S34)', async () => {
  const said = async (words: string) => {
    const keys = {
      LANGSMITH_API_KEY: 'l',
      LANGSMITH_ENDPOINT: `${github().url}`,
      LANGSMITH_TRACE_PRIVATE: words,
    }
    return (await look('langsmith', keys)).next
  }
  expect(await said('')).toMatch(/^Private repositories are not traced \(/)
  expect(await said('acme/api, acme/web-*')).toMatch(/not traced, but for acme\/api, acme\/web-\* \(/)
  for (const all of ['true', '*']) expect(await said(all)).toMatch(/^Private repositories are traced as well/)
  for (const wrong of ['yes', 'acme', 'true,acme/api', 'https://github.com/acme/api']) {
    expect(() => readConfig({ LANGSMITH_TRACE_PRIVATE: wrong })).toThrow(/LANGSMITH_TRACE_PRIVATE must be/)
  }
})
