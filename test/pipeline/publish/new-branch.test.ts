import fc from 'fast-check'
import { expect, test } from 'vitest'
import { branchName } from '../../../src/pipeline/publish/new-branch.ts'
import type { Run } from '../../../src/runs/run.ts'

const RUN = { id: '1a2b3c4d-0000-4000-8000-000000000000', request: {} } as Run

test('whatever the title, the branch is one of ours, and neither an option nor an address (S26)', () => {
  const title = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '--upload-pack=sh',
      'ext::sh -c id',
      '../../main',
      'HEAD@{1}',
      'x.lock',
      '',
      '\u202emain',
    ),
  )
  fc.assert(
    fc.property(title, (text) => {
      expect(branchName(RUN, text)).toMatch(/^backspace\/code-[a-z0-9]+(-[a-z0-9]+)*-1a2b3c4d$/)
    }),
  )
})
