import { expect, test } from 'vitest'
import { readProject } from '../../src/checks/project.ts'
import { openWorkspace } from '../agent/support/open-workspace.ts'

test('a project is seen two levels deep, its manifests and tests further, and nothing of what was installed', async () => {
  const place = await openWorkspace({
    'package.json': '\ufeff{}\n',
    'a b/x.ts': '',
    'a b/setup.cfg': '[tool:pytest]',
    'pytest.py': "open('ran', 'w')",
    'services/api/go.mod': 'module api',
    'services/api/main.go': '',
    'services/api/cmd/go.mod': '',
    'a/b/c/d/tests/test_e.py': 'def test(): pass',
    'node_modules/x/package.json': '',
    'services/web/node_modules/package.json': '',
    'vendor/a/go.mod': '',
    '.github/workflows/ci.yml': 'on: push\ntool:npm\n',
    'b/package.json': 'x'.repeat(40_000),
  })

  const project = await readProject(place.sandbox, { ...place, signal: new AbortController().signal })

  expect([...project.files].sort()).toEqual([
    '.github/workflows/ci.yml',
    'a b/setup.cfg',
    'a b/x.ts',
    'a/b/c/d/tests/test_e.py',
    'b/package.json',
    'package.json',
    'pytest.py',
    'services/api/cmd/go.mod',
    'services/api/go.mod',
  ])
  expect((await project.read('package.json'))?.trim()).toBe('{}')
  expect(await project.read('services/api/go.mod')).toBe('module api')
  expect(await project.read('a b/setup.cfg')).toBe('[tool:pytest]')
  expect(await project.read('.github/workflows/ci.yml')).toBe('on: push\ntool:npm')
  expect(await project.read('b/package.json')).toHaveLength(40_000)
  expect(await project.read('services/api/main.go')).toBe(undefined)
  // Nothing of the repository has run.
  await expect(place.sandbox.readFile(`${place.workspace}/ran`)).rejects.toMatchObject({
    class: 'path_not_found',
  })
})
