import { expect, test } from 'vitest'
import { readCi } from '../../../../src/checks/plans/ci/read-ci.ts'
import { projectOf } from '../../project-of.ts'

const workflow = (on: string, command: string) =>
  `on: ${on}\njobs:\n  t:\n    steps:\n      - run: ${command}\n`

test.each([
  ['workflow_dispatch'],
  ['[schedule, workflow_dispatch]'],
  ['{ push: { tags: [v*] } }'],
  ['{ release: { types: [published] } }'],
])('a workflow on %s counts where no other tests', async (on) => {
  const files = {
    '.github/workflows/a.yml': workflow(on, 'pytest --x'),
    '.github/workflows/b.yml': workflow('{ pull_request: null }', 'pytest'),
  }
  const commandsOf = async (chosen: Readonly<Record<string, string>>) =>
    (await readCi(projectOf(chosen))).ci.map(({ command }) => command)
  expect(await commandsOf(files)).toEqual(['pytest'])
  expect(await commandsOf({ '.github/workflows/a.yml': files['.github/workflows/a.yml'] })).toEqual([
    'pytest --x',
  ])
})
