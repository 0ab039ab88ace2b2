import { expect, test } from 'vitest'
import { readProject } from '../../src/checks/project.ts'
import { openWorkspace } from '../agent/support/open-workspace.ts'

test('a project is seen two levels deep, its manifests three, and nothing of what was installed', async () => {
  const place = await openWorkspace({
    'package.json': '\ufeff{}',
    'a b/x.ts': '',
    'services/api/go.mod': 'module api',
    'services/api/main.go': '',
    'services/api/cmd/go.mod': '',
    'node_modules/x/package.json': '',
    'services/web/node_modules/package.json': '',
  })

  const project = await readProject(place.sandbox, { ...place, signal: new AbortController().signal })

  expect([...project.files].sort()).toEqual(['a b/x.ts', 'package.json', 'services/api/go.mod'])
  expect(await project.read('package.json')).toBe('{}')
  expect(await project.read('services/api/go.mod')).toBe('module api')
  expect(await project.read('services/api/main.go')).toBe(undefined)
})
