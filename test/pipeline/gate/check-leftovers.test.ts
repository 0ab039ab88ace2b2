import { expect, test } from 'vitest'
import { createCheckLeftovers } from '../../../src/pipeline/gate/check-leftovers.ts'
import { changed } from '../changed-file.ts'

type Files = Parameters<ReturnType<typeof createCheckLeftovers>['without']>[0]['files']
const change = (files: Files) => ({ files, diff: '', tree: '', notices: [], leftOut: [] })
const edited = (path: string, text: string) => changed({ path, text, status: 'modified' })
const gone = (path: string) => ({
  ...changed({ path, status: 'deleted' }),
  mode: '000000',
  bytes: null,
  sha: null,
})

test('what the checks wrote, changed or removed is not the work of the agent, until it changes again', () => {
  const leftovers = createCheckLeftovers(new Set(['Cargo.lock']))
  const own = [edited('a.snap', 'agent'), gone('old.txt')]
  const after = [edited('a.snap', 'checks'), gone('fixture.txt'), edited('log.txt', 'x'), gone('old.txt')]
  leftovers.note(change(own), change(after))
  const { files, notices } = leftovers.without(change(after))
  expect(files).toEqual(own)
  expect(notices).toEqual([
    'Left out, because the checks wrote it and the agent did not: `fixture.txt`; `log.txt`.',
    'As the agent left it, though the checks changed it: `a.snap`.',
  ])
  const later = [edited('a.snap', 'again'), edited('log.txt', 'y')]
  expect(leftovers.without(change(later)).files).toEqual(later)
  expect(leftovers.without(change(own))).toEqual(change(own))
  // In a merge, the checks may be the ones to write a lock file again.
  leftovers.note(change(own), change([...own, edited('Cargo.lock', 'both')]))
  expect(leftovers.without(change([edited('Cargo.lock', 'both')])).files).toHaveLength(1)
})
