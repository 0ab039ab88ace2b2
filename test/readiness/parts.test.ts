import { expect, test } from 'vitest'
import { diagnose } from '../../src/commands/diagnose.ts'
import { readConfig } from '../../src/config.ts'

/** What the doctor says about the models, with a key for each provider. */
async function modelsOf(models: string) {
  const keys = { ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o', E2B_API_KEY: 'e' }
  const findings = await diagnose(readConfig({ ...keys, BACKSPACE_MODELS: models }))
  return findings.filter(({ name }) => name === 'Claude' || name === 'OpenAI')
}

test('the doctor says which models have no known price, since dollars do not bound them', async () => {
  expect(await modelsOf('anthropic:claude-opus-5-5,openai:gpt-6-sol,openai:my-own')).toEqual([
    { name: 'Claude', status: 'ok', fact: 'claude-opus-5-5; up to $5 per run' },
    {
      ...{ name: 'OpenAI', status: 'ok', fact: 'gpt-6-sol, my-own; up to $5 per run' },
      advice: expect.stringMatching(/^The price of my-own is not known.*BACKSPACE_MAX_TOKENS/),
    },
  ])
})

test('a GitHub that gives no answer is not reported as one that refuses the credential', async () => {
  const config = readConfig({
    GITHUB_PAT: 'ghp_example',
    GHE_HOST: '127.0.0.1:9',
    GHE_PROTOCOL: 'http',
    E2B_API_KEY: 'e',
  })
  const finding = (await diagnose(config)).find(({ name }) => name === 'GITHUB_PAT')
  expect(finding).toMatchObject({ status: 'broken', fact: 'not checked: GitHub is out of reach' })
})

test('an empty list of models is none: the default holds', async () => {
  expect(await modelsOf('')).toMatchObject([{ status: 'ok' }, { status: 'ok' }])
})

test('the doctor says which private repositories are traced: none, unless the operator names them (S34)', async () => {
  const said = async (words: string) => {
    const keys = { LANGSMITH_API_KEY: 'l', E2B_API_KEY: 'e', LANGSMITH_TRACE_PRIVATE: words }
    return (await diagnose(readConfig(keys))).find(({ name }) => name === 'LangSmith')?.advice
  }
  expect(await said('')).toMatch(/^Private repositories are not traced \(/)
  expect(await said('false')).toMatch(/^Private repositories are not traced \(/)
  expect(await said('acme/api, acme/web-*')).toMatch(/not traced, but for acme\/api, acme\/web-\* \(/)
  for (const all of ['true', '*']) expect(await said(all)).toMatch(/^Private repositories are traced as well/)
  for (const wrong of ['yes', 'acme', 'true,acme/api', 'https://github.com/acme/api']) {
    expect(() => readConfig({ LANGSMITH_TRACE_PRIVATE: wrong })).toThrow(/LANGSMITH_TRACE_PRIVATE must be/)
  }
})
