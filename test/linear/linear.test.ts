import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectLinearWork } from '../support/growth.ts'
import { CHANGE_CASES } from './change-cases.ts'
import { ENVIRONMENT_CASES } from './environment-cases.ts'
import { HOSTILE_UNITS } from './hostile-units.ts'
import type { LinearCase } from './linear-case.ts'
import { REPOSITORY_CASES } from './repository-cases.ts'
import { TEXT_CASES } from './text-cases.ts'
import { UNSEEN_CASES } from './unseen-cases.ts'

const CASES: readonly LinearCase[] = [
  ...TEXT_CASES,
  ...UNSEEN_CASES,
  ...REPOSITORY_CASES,
  ...CHANGE_CASES,
  ...ENVIRONMENT_CASES,
]

describe('S12: what strangers write is read in time linear in its length', () => {
  test.each(CASES)('$file: $name', async ({ work, limit, units = HOSTILE_UNITS }) => {
    for (const unit of units) await expectLinearWork(work, unit, limit)
  })
})

/** Files of these folders read nothing but text from outside: a new one belongs into the table. */
const READERS = ['text', 'triggers', 'agent/tools']

/** Not in the table, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'text/agent-name.ts': 'names of 40 characters at most',
  'text/amounts.ts': 'numbers',
  'text/capitalized.ts': 'one letter',
  'text/check-ending.ts': 'words for an exit code',
  'text/checker-settings.ts': 'ends of paths, in what reads the paths of a change',
  'agent/tools/shell-script.ts': 'puts quoted words together',
  'text/is-record.ts': 'looks at a type, not at what is inside',
  'agent/tools/other-tools.ts': 'names and arguments one by one; no pattern but one of single characters',
  'agent/tools/fetch-history.ts': 'a number',
  'agent/tools/declared-encoding.ts': 'a thousand lines, and patterns with few stars and braces',
  'text/json-or-undefined.ts': 'JSON.parse alone',
  'text/read-up-to.ts': 'counts bytes, and looks at none',
  'text/library-names.ts': 'paths, with one bounded name',
  'text/map-texts.ts': 'walks, and reads no text itself',
  'text/nearest-name.ts': 'names of 64 characters at most',
  'text/path-glob.ts': 'test/text/path-glob.test.ts',
  'text/markdown/safe-markdown.ts': 'types',
  ...Object.fromEntries(
    [
      'adopt-thread',
      'audit-decision',
      'authorize',
      'comment-trigger',
      'github-webhooks',
      'label-trigger',
      'prove-trigger',
      'obey-command',
    ].map((name) => [`triggers/${name}.ts`, 'calls what is in the table']),
  ),
  ...Object.fromEntries(
    ['reply', 'submit-adoption', 'thread-command', 'trigger-deps', 'trigger-event'].map((name) => [
      `triggers/${name}.ts`,
      'calls what is in the table',
    ]),
  ),
  ...Object.fromEntries(
    [
      'call-tool',
      'edit',
      'finish',
      'glob',
      'grep',
      'index',
      'plan',
      'read',
      'text-file',
      'tool',
      'write',
    ].map((name) => [`agent/tools/${name}.ts`, 'calls what is in the table']),
  ),
}

test('each file that reads text from outside is in the table, or says why not', () => {
  const inTable = new Set([...CASES.map(({ file }) => file), ...Object.keys(LEFT_OUT)])
  const readers = READERS.flatMap((folder) =>
    readdirSync(join(import.meta.dirname, '../../src', folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `${folder}/${name}`),
  )
  expect(readers.filter((file) => !inTable.has(file))).toEqual([])
})

test('arguments nested thousands deep are refused, not walked through', async () => {
  const { parseArgs } = await import('../../src/models/calls.ts')
  const deep = `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`
  expect(parseArgs(deep).invalid).toMatch(/nested/)
})
