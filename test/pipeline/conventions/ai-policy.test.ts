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
  'We do not accept contributions that are wholly or mostly AI generated.',
  'If you find a problem, please open an issue first _(if not obvious - LLM contributions are not welcome)_.',
  '- [ ] No LLMs were used for the creation of this patch',
  'AI-generated code, with or without review, is not allowed in patches.',
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
  'The project does not strictly forbid the usage of LLMs for submitting pull requests.',
  'Contributions that do not follow the AI Policy will be closed.',
  'Contributions with LLMs that do not follow these rules will be closed.',
  'We do not take a position on AI; we accept that code by it is a reality.',
  "Do not submit any AI-generated code that you haven't personally reviewed and understood.",
  'We do not accept pull requests generated primarily by AI without genuine understanding.',
  'Autonomous coding agents must never open pull requests on their own.',
  'Pure-AI contributions with no human in the loop are not welcome.',
  '**No AI-generated media is allowed.** Text and code are.',
  'No LLM bots in `Co-authored-by:`s of commits.',
  'Do not submit AI-generated solutions to issues labelled "good first issue".',
  '- [ ] No AI tools were used to develop this pull request.\n- [ ] AI tools were used for: ...',
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
