import { expect, test } from 'vitest'
import { createSchemaCheck } from './schema-check.ts'

const check = createSchemaCheck()

test('the comparison notices a field that is missing, of the wrong type, or a status nobody documents', () => {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
  const ref = {
    ref: 'refs/heads/x',
    node_id: '',
    url: 'http://a.test/',
    object: { type: 'commit', sha: 'a'.repeat(40) },
  }
  expect(check.answer(route, 200, ref)).toEqual(["/object must have required property 'url'"])
  expect(check.answer(route, 200, { ...ref, object: { ...ref.object, url: 7 } })).toContain(
    '/object/url must be string',
  )
  expect(check.answer(route, 418, ref)).toEqual([`GitHub does not document 418 for ${route}`])
  expect(check.webhook('issues', 'opened', {})).toContain("/ must have required property 'issue'")
})
