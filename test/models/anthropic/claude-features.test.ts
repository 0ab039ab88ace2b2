import { expect, test } from 'vitest'
import { claudeFeatures } from '../../../src/models/anthropic/anthropic.ts'

test.each([
  ['claude-opus-5-5', true, true],
  ['claude-sonnet-5', true, true],
  ['claude-haiku-5-5-20261001', true, true],
  ['claude-opus-4-8', true, true],
  ['claude-opus-4-7', false, true],
  ['claude-sonnet-4-6', false, true],
  ['claude-haiku-4-5-20251001', false, false],
  ['claude-sonnet-4-20250514', false, false],
  ['claude-3-7-sonnet-latest', false, false],
  ['deepseek-chat', false, false],
])('%s: system role %s, adaptive thinking %s', (model, systemRole, adaptiveThinking) => {
  expect(claudeFeatures(model)).toEqual({ systemRole, adaptiveThinking })
})
