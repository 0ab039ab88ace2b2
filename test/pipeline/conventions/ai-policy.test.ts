import { expect, test } from 'vitest'
import { findAiPolicy } from '../../../src/pipeline/conventions/ai-policy.ts'

const policyOf = (text: string) => findAiPolicy([{ path: 'CONTRIBUTING.md', text }])

test.each([
  'We do not accept AI-generated contributions.',
  '## AI\n\nContributions written with LLMs will be closed without review.',
  'AI-generated pull requests are not allowed.',
  'Using ChatGPT, Copilot or similar tools to write patches is prohibited.',
  '- No AI-generated code, please.',
  'This project forbids contributions made with generative AI.',
  'Pull requests by coding agents are not welcome and get banned.',
])('a ban is found: %s', (text) => {
  expect(policyOf(text)).toMatchObject({ kind: 'ban', path: 'CONTRIBUTING.md' })
})

test.each([
  'Please disclose any use of AI in the description of a pull request.',
  'If you use an LLM for a contribution, you must state which one.',
  'AI-assisted commits must carry a trailer `Assisted-by: <tool>`.',
  'We do not accept undisclosed AI contributions; declare what you used.',
])('a wish to know is found: %s', (text) => {
  expect(policyOf(text)?.kind).toBe('disclose')
})

test.each([
  'Run `npm test` before you open a pull request.',
  'We do not accept pull requests without tests.',
  'Do not commit secrets to the AI examples folder without a review.',
  'This library wraps the Claude API and never stores your prompts.',
  'We do not accept AI-generated code that is unreviewed.',
  '```\nWe do not accept AI-generated contributions.\n```',
  '<!-- We do not accept AI-generated contributions. -->',
  'The AI module must not use eval.',
])('what is no policy is none: %s', (text) => {
  expect(policyOf(text)?.kind).not.toBe('ban')
})

test('a ban goes before a wish, and a trailer is read unless it credits a person', () => {
  expect(
    findAiPolicy([
      { path: 'README.md', text: 'Please disclose code by AI.' },
      { path: 'CONTRIBUTING.md', text: 'AI contributions are banned.' },
    ]),
  ).toMatchObject({ kind: 'ban', path: 'CONTRIBUTING.md' })
  expect(policyOf('Disclose AI code with `Assisted-by: name`.')?.trailer).toBe('Assisted-by')
  expect(policyOf('Disclose AI code with `Co-authored-by: name`.')?.trailer).toBeUndefined()
})
