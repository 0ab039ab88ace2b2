import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { parseCodeRequest, parseProofBody } from '../../src/triggers/code-request.ts'

const RULES = { webUrl: 'https://github.com', budgetCapUsd: 5 }
const GOOD = { repoUrl: 'https://github.com/acme/api', prompt: 'Fix it' }

function refusal(json: unknown, rules = RULES): BackspaceError {
  try {
    parseCodeRequest(json, rules)
  } catch (error) {
    if (error instanceof BackspaceError) return error
    throw error
  }
  throw new Error(`accepted: ${JSON.stringify(json)}`)
}

test('a minimal body gives the repository and the trimmed prompt', () => {
  expect(parseCodeRequest({ ...GOOD, prompt: '\n Fix it \n' }, RULES)).toEqual({
    repository: { owner: 'acme', name: 'api' },
    prompt: 'Fix it',
    options: {},
  })
})

test('every option is passed on', () => {
  const options = {
    base: 'release/2.1',
    draft: true,
    model: 'openai:gpt-6.1-sol',
    agent: 'claude-code',
    budgetUsd: 0.5,
  }
  expect(parseCodeRequest({ ...GOOD, ...options }, RULES).options).toEqual(options)
})

test.each([
  'https://github.com/acme/api/',
  'https://github.com/acme/api.git',
  'https://github.com/acme/api.git/',
  'https://GitHub.com/acme/api',
  'https://github.com:443/acme/api',
])('%s is the repository acme/api', (repoUrl) => {
  expect(parseCodeRequest({ ...GOOD, repoUrl }, RULES).repository).toEqual({ owner: 'acme', name: 'api' })
})

test('names may hold dots, dashes and underscores', () => {
  const { repository } = parseCodeRequest(
    { ...GOOD, repoUrl: 'https://github.com/a-b_c/.github.io_x-1' },
    RULES,
  )
  expect(repository).toEqual({ owner: 'a-b_c', name: '.github.io_x-1' })
})

test.each([
  'http://github.com/acme/api',
  'git@github.com:acme/api.git',
  'ssh://git@github.com/acme/api',
  'file:///etc/passwd',
  'acme/api',
  '//github.com/acme/api',
  'https://github.com',
  'https://github.com/acme',
  'https://github.com/acme/',
  'https://github.com//api',
  'https://github.com/acme//api',
  'https://github.com/acme/api/tree/main',
  'https://github.com/acme/api?x=1',
  'https://github.com/acme/api#readme',
  'https://github.com/acme/api?',
  'https://github.com/acme/api#',
  'https://user:pass@github.com/acme/api',
  'https://github.com@evil.example/acme/api',
  'https://evil.example/acme/api',
  'https://github.com.evil.example/acme/api',
  'https://github.com./acme/api',
  'https://www.github.com/acme/api',
  'https://github.com:8443/acme/api',
  'https://github.com:/acme/api',
  'https://140.82.121.3/acme/api',
  'https://[::1]/acme/api',
  'https://github.com/acme/..',
  'https://github.com/acme/.',
  'https://github.com/../api',
  'https://github.com/acme/.git',
  'https://github.com/acme/%2e%2e',
  'https://github.com/acme%2fapi',
  'https://github.com/acme\\api',
  'https:\\\\github.com\\acme\\api',
  'https:/github.com/acme/api',
  'https://github.com/acme/a pi',
  ' https://github.com/acme/api',
  'https://github.com/acme/api\n',
  'https://github.com/acme/api\u0000',
  'https://github.com/acme/\u0430pi',
  'https://g\u0456thub.com/acme/api',
  'https://github.com/-acme/api',
  `https://github.com/acme/${'a'.repeat(101)}`,
  '',
])('the repository URL %j is refused', (repoUrl) => {
  expect(refusal({ ...GOOD, repoUrl }).code).toBe('bad_repository_url')
})

test.each([
  'anthropic:claude-opus-5-5',
  'bedrock:eu.anthropic.claude-sonnet-5-5-v1:0',
  'vertex:claude-opus-5-5@20260901',
  'compatible:qwen/qwen3-32b',
  'compatible-groq:llama-4+tools',
])('the model %s of a provider that an operator can set up is taken', (model) => {
  expect(parseCodeRequest({ ...GOOD, model }, RULES).options.model).toBe(model)
})

test('the host, port and scheme are those of the configured server', () => {
  const rules = { ...RULES, webUrl: 'http://127.0.0.1:4100' }
  const repoUrl = 'http://127.0.0.1:4100/acme/api'
  expect(parseCodeRequest({ ...GOOD, repoUrl }, rules).repository.name).toBe('api')
  expect(refusal({ ...GOOD, repoUrl: 'http://127.0.0.1:4101/acme/api' }, rules).userMessage).toContain(
    'http://127.0.0.1:4100/owner/repo',
  )
  expect(refusal(GOOD, rules).code).toBe('bad_repository_url')
})

test('whatever is accepted as a repository URL names nothing but the configured host', () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string()), (repoUrl) => {
      expect(refusal({ ...GOOD, repoUrl }).code).toBe('bad_repository_url')
    }),
  )
})

test.each([
  [null, /JSON object/],
  [[], /JSON object/],
  ['text', /JSON object/],
  [{ prompt: 'x' }, /repoUrl is required/],
  [{ repoUrl: GOOD.repoUrl }, /prompt is required/],
  [{ ...GOOD, prompt: ' \n ' }, /prompt is empty/],
  [{ ...GOOD, prompt: '\u200b\u{e0041}\u202e' }, /prompt is empty/],
  [{ ...GOOD, prompt: 7 }, /prompt must be a string/],
  [{ ...GOOD, prompt: 'x'.repeat(100_001) }, /prompt is longer than 100,000/],
  [{ ...GOOD, prompt: 'a\u0000b' }, /prompt must be valid Unicode/],
  [{ ...GOOD, prompt: 'a\ud800b' }, /prompt must be valid Unicode/],
  [{ ...GOOD, repo_url: 'x', foo: 1 }, /Unknown fields "repo_url", "foo"; known are repoUrl/],
  [
    { ...GOOD, agent: 'claude' },
    /must be "builtin", "claude-code" or "dummy". Did you mean "claude-code"\?$/,
  ],
  [{ ...GOOD, agent: 'other' }, /"claude-code" or "dummy"\.$/],
  [{ ...GOOD, agent: 7 }, /"claude-code" or "dummy"\.$/],
  [{ ...GOOD, model: 'scripted:/etc/passwd' }, /anthropic/],
  [{ ...GOOD, model: 'gpt' }, /anthropic/],
  [{ ...GOOD, model: 'compatible-:x' }, /compatible-<name>/],
  [{ ...GOOD, model: 'vertex:a b' }, /provider and a model id/],
  [{ ...GOOD, draft: 'yes' }, /draft must be a boolean/],
  [{ ...GOOD, budgetUsd: 0 }, /budgetUsd must be above 0/],
  [{ ...GOOD, budgetUsd: 6 }, /at most 5/],
  [{ ...GOOD, budgetUsd: '1' }, /budgetUsd must be a number/],
])('the body %j is refused with what to change', (json, message) => {
  const error = refusal(json)
  expect(error.code).toBe('bad_request')
  expect(error.userMessage).toMatch(message)
})

test('every wrong field is named at once', () => {
  const { userMessage } = refusal({ prompt: '', draft: 1 })
  expect(userMessage).toMatch(/repoUrl.*prompt.*draft/s)
})

test.each([
  '-x',
  'a..b',
  'a b',
  'a~1',
  'a^',
  'a:b',
  'a\\b',
  'x.lock',
  '/x',
  'x/',
  'a//b',
  '@',
  'a@{1}',
  '',
])('the base %j is not a branch name', (base) => {
  expect(refusal({ ...GOOD, base }).userMessage).toContain('base must be the name of a branch')
})

test('the body of a proof names a repository and a pull request, and nothing else', () => {
  const good = { repoUrl: GOOD.repoUrl, pullRequest: 7 }
  expect(parseProofBody(good, RULES)).toEqual({ repository: { owner: 'acme', name: 'api' }, pullRequest: 7 })
  const refused = (json: unknown) => () => parseProofBody(json, RULES)
  expect(refused({ repoUrl: GOOD.repoUrl })).toThrow('pullRequest is required.')
  expect(refused({ ...good, pullRequest: '7' })).toThrow('pullRequest must be a number.')
  expect(refused({ ...good, pullRequest: 1.5 })).toThrow('pullRequest must be an integer.')
  expect(refused({ ...good, pullRequest: 0 })).toThrow('pullRequest must be 1 or more.')
  expect(refused({ ...good, pullRequest: 2 ** 40 })).toThrow(
    'pullRequest is too large for the number of a pull request.',
  )
  expect(refused({ ...good, pullRequest: 1e300 })).toThrow('pullRequest must be an integer.')
  expect(refused({ ...good, prompt: 'x' })).toThrow('Unknown field "prompt"; known are repoUrl, pullRequest.')
  expect(refused([])).toThrow('{"repoUrl":"https://…/owner/repo","pullRequest":1}.')
})
