import { expect, test } from 'vitest'
import { diffGuard } from '../../../../src/checks/diff-guard.ts'
import { readChanges } from './both-sides.ts'

/** Changes that a diff cannot tell from honest ones. A reviewer has to see their lines. */
test.each(readChanges('noted'))('$what: a note at least', async ({ files }) => {
  expect(await diffGuard(files)).not.toEqual([])
})

test('a change of a source alone has none', async () => {
  const [change] = readChanges('noted')
  expect(await diffGuard((change?.files ?? []).slice(-1))).toEqual([])
})
