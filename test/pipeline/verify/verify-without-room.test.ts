import { expect, test } from 'vitest'
import type { RepositoryPlan } from '../../../src/checks/plans/plan.ts'
import type { VerifiedBase } from '../../../src/pipeline/verify/open-room.ts'
import { verifyWithoutRoom } from '../../../src/pipeline/verify/verify-without-room.ts'
import { collected } from '../../verify/collected.ts'

const TREE = 'a'.repeat(40)
const NOTHING: RepositoryPlan = { projects: [], baseline: [], untested: [] }
const EDIT = collected('lib.rb', 'one\n', 'two\n')

const base = { branch: 'main', sha: 'b'.repeat(40), tree: 'c'.repeat(40), trustedSha: 'b'.repeat(40) }
const from = { base, baseTree: { entries: [], truncated: false } } as unknown as VerifiedBase

function verify(
  files = [EDIT],
  project: { readonly checks: readonly string[]; readonly repository?: RepositoryPlan | undefined } = {
    checks: [],
    repository: NOTHING,
  },
  treeWith: () => Promise<string | undefined> = async () => TREE,
) {
  return verifyWithoutRoom({ from, mode: 'full', project, files }, treeWith)
}

test('a repository without checks is verified without a sandbox, and what nothing covers is named', async () => {
  expect(await verify([EDIT, collected('README.md', null, 'hello\n')])).toEqual({
    mode: 'full',
    baseSha: base.sha,
    baseBranch: 'main',
    tree: TREE,
    checks: [],
    regression: expect.objectContaining({ verdict: 'no_tests' }),
    notChecked: [{ path: 'lib.rb', reason: 'no check covers files of Ruby' }],
    differences: [],
    rooms: [],
  })
})

test.each([
  ['a manifest', [collected('package.json', '{}\n', '{ "scripts": { "test": "true" } }\n')]],
  ['a test', [collected('test/a.rb', 'one\n', 'two\n')]],
  ['a new file', [collected('lib/new.rb', null, 'two\n')]],
  ['a file that goes', [collected('lib.rb', 'one\n', null)]],
])('%s may bring a check', async (_, files) => {
  expect(await verify(files)).toBeUndefined()
})

test('a sandbox is needed where there are checks, or may be, or the tree is not known', async () => {
  expect(await verify([EDIT], { checks: ['make test'], repository: NOTHING })).toBeUndefined()
  expect(await verify([EDIT], { checks: [] })).toBeUndefined()
  const project = { checks: [], repository: NOTHING }
  expect(await verify([EDIT], project, async () => undefined)).toBeUndefined()
})
