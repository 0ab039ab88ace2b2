import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCodeRequest } from '../../../src/triggers/code-request.ts'
import { wireEvent } from '../../../src/web/stream/wire-schema.ts'
import { apiTables } from './api-tables.ts'

const docs = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')

/** `npm test -- -u` does not write docs/api.md: copy the table from the failure. */
test.each(
  Object.entries(apiTables()),
)('the table of %s in docs/api.md is the one of the schemas', (name, table) => {
  const [, rest = ''] = docs.split(`<!-- ${name} -->\n\n`)
  expect(rest.split(`\n\n<!-- /${name} -->`)[0]).toBe(table)
})

test('the body that docs/api.md shows is accepted', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(docs) ?? []
  const rules = { webUrl: 'https://github.com', budgetCapUsd: 5 }
  expect(parseCodeRequest(JSON.parse(json), rules).repository).toEqual({ owner: 'acme', name: 'greeter' })
})

test('the frame that docs/api.md shows is a frame', () => {
  const [, json = ''] = /^data: (.*)$/m.exec(docs) ?? []
  const frame: unknown = JSON.parse(json)
  expect(wireEvent.parse(frame)).toEqual(frame)
})
