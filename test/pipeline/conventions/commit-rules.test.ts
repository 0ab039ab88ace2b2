import { expect, test } from 'vitest'
import type { BranchRule } from '../../../src/github/branch-rules.ts'
import type { RepositoryAccess } from '../../../src/github/github-access.ts'
import { commitStyle, requirePushable } from '../../../src/pipeline/conventions/commit-rules.ts'

const ACCESS = { credential: 'app', botLogin: 'backspace[bot]' } as RepositoryAccess
const rule = (type: string, regex?: string): BranchRule => ({
  type,
  rulesetId: 1,
  pattern: regex === undefined ? undefined : { operator: 'regex', pattern: regex, negate: false },
})
const commit = {
  messageOf: (title: string) => `${title}\n\nBackspace-Run: 1\n`,
  isMerge: false,
}
const styleWith = (rules: readonly BranchRule[], planned = commit) => commitStyle(rules, ACCESS, planned)

test('the whole message of a commit is what a pattern sees', () => {
  expect(styleWith([rule('commit_message_pattern', '^(fix|feat): ')])).toEqual({ needsConventional: true })
  expect(styleWith([rule('commit_message_pattern', 'Backspace-Run')])).toEqual({ needsConventional: false })
  expect(styleWith([rule('commit_message_pattern', '(?m)^.{1,72}$')])).toEqual({ needsConventional: false })
  // As RE2 reads them, and what JavaScript cannot say refuses nothing.
  for (const same of ['^[[:alpha:]]+(?i:\\b)', '^\\pL', '^\\x{43}', '\\QNot there\\E', '(?U)x']) {
    expect(styleWith([rule('commit_message_pattern', same)])).toEqual({ needsConventional: false })
  }
  expect(styleWith([rule('commit_message_pattern', '^[[:lower:]]+: ')])).toEqual({ needsConventional: true })
  expect(() => styleWith([rule('commit_message_pattern', '^.{1,72}$')])).toThrow(/messages of commits/)
  expect(() => styleWith([rule('commit_message_pattern', 'Signed-off-by: ')])).toThrow(/nothing was spent/)
})

test('the address of the App that is installed is what a pattern sees', () => {
  const pattern = rule(
    'commit_author_email_pattern',
    '^\\d+\\+backspace\\[bot\\]@users\\.noreply\\.github\\.com$',
  )
  expect(styleWith([pattern])).toEqual({ needsConventional: false })
  expect(() => styleWith([rule('committer_email_pattern', '@acme\\.test$')])).toThrow(/e-mail addresses/)
})

test('a merge is refused where history is linear, and every commit on a branch that is closed', () => {
  const linear = [rule('required_linear_history')]
  expect(styleWith(linear)).toEqual({ needsConventional: false })
  expect(() => styleWith(linear, { ...commit, isMerge: true })).toThrow(/linear.*rebase the branch by hand/)
  for (const type of ['update', 'pull_request', 'merge_queue', 'required_status_checks']) {
    expect(() => requirePushable([rule(type)], ACCESS, commit)).toThrow(/ask on an issue/)
  }
})
