import { expect, test } from 'vitest'
import { parseRepoSettings } from '../../src/checks/repo-settings.ts'
import { lessOf } from '../../src/checks/verify-mode.ts'

const verifyOf = (text: string) => {
  const { verify, problems } = parseRepoSettings(text, '.github/backspace.yml')
  return { verify, problems }
}

test('a repository can ask for less than the operator, never for more', () => {
  expect(lessOf('full')).toBe('full')
  expect(lessOf('full', 'off')).toBe('off')
  expect(lessOf('checks', 'full')).toBe('checks')
  expect(lessOf('off', 'full')).toBe('off')
})

test('`verify` has three words, and YAML reads one of them as false', () => {
  expect(verifyOf('verify: checks')).toEqual({ verify: 'checks', problems: [] })
  expect(verifyOf('verify: off')).toEqual({ verify: 'off', problems: [] })
  expect(verifyOf('verify: false')).toEqual({ verify: 'off', problems: [] })
  expect(verifyOf('verify: always')).toEqual({
    verify: undefined,
    problems: [expect.stringContaining('`verify` must be `full`, `checks` or `off`')],
  })
})
