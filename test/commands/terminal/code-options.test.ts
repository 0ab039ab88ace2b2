import { expect, test } from 'vitest'
import { readCodeOptions } from '../../../src/commands/terminal/run/code-options.ts'
import { knownError } from '../../../src/errors.ts'

function problemOf(args: readonly string[]): string | undefined {
  try {
    readCodeOptions(args)
    return undefined
  } catch (error) {
    const known = knownError(error)
    return known?.code === 'bad_request' ? known.userMessage : String(error)
  }
}

const REPO = ['--repo', 'https://github.com/acme/api']

test.each([
  [
    [],
    '--repo is missing. Name a repository: --repo https://github.com/owner/name, or --repo <path of a clone>.',
  ],
  [REPO, '--prompt is missing. Write what to do: --prompt "<what to do>".'],
  [[...REPO, '--prompt'], '--prompt has no value. Write what to do: --prompt "<what to do>".'],
  [[...REPO, '--prompt', '--plan'], '--prompt has no value. Write what to do: --prompt "<what to do>".'],
  [[...REPO, '--prompt', ' '], '--prompt is empty. Write what to do: --prompt "<what to do>".'],
  [[...REPO, '--prompt='], '--prompt is empty. Write what to do: --prompt "<what to do>".'],
  [['--repo=', '--prompt', 'x'], /^--repo is empty\. Name a repository/],
  [[...REPO, '--prompt', 'x', '--prompt-file', 'y'], /^--prompt and --prompt-file exclude each other/],
  [[...REPO, '--prompt', 'x', '--push', '--ignore-local-changes'], /exclude each other/],
  [
    [...REPO, '--prompt', 'x', '--budget', 'lots'],
    '--budget must be a number of dollars above 0: --budget 2.50',
  ],
  [[...REPO, '--prompt', 'x', '--budget', '0'], /^--budget must be/],
  [[...REPO, '--prompt', 'x', '--base', ''], '--base is empty. Leave it out, or give it a value.'],
  [
    [...REPO, '--prompt', 'fix', 'it'],
    '"it" does not belong to an option. Put a prompt in quotes: --prompt "<what to do>".',
  ],
  // `npm run code --repo x --prompt y`: npm keeps the options.
  [['x', 'y'], /^--repo is missing\. Name a repository/],
  [[...REPO, '--token', 'x'], "Unknown option '--token'."],
])('%j is a mistake that says what to write', (args, message) => {
  const problem = problemOf(args)
  if (typeof message === 'string') expect(problem).toBe(message)
  else expect(problem).toMatch(message)
})

test('every option reaches the request', () => {
  const options =
    '--base dev --draft --plan --model openai:gpt --agent dummy --budget $1.5 --continue r1'.split(' ')
  expect(readCodeOptions([...REPO, '--prompt-file', 'todo.md', '--json', ...options])).toEqual({
    repo: 'https://github.com/acme/api',
    prompt: { from: 'file', path: 'todo.md' },
    request: {
      base: 'dev',
      draft: true,
      plan: true,
      model: 'openai:gpt',
      agent: 'dummy',
      budgetUsd: 1.5,
      parentRunId: 'r1',
    },
    url: undefined,
    tokenFile: undefined,
    localChanges: undefined,
    json: true,
  })
})
