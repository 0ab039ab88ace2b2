import { expect, test } from 'vitest'
import { readRepoSettings } from '../../src/checks/repo-settings.ts'
import { settingsSentences, withBaseSettings } from '../../src/verify/with-base-settings.ts'
import { collected } from './collected.ts'
import { projectOf } from './project-of.ts'

const PATH = '.github/backspace.yml'
const forged = projectOf({ [PATH]: 'setup: ./fake.sh\nchecks: true', 'package.json': '{}' })
const setupWith = async (before: string | null) => {
  const project = withBaseSettings(forged, [collected(PATH, before, 'setup: ./fake.sh\nchecks: true')])
  return { setup: (await readRepoSettings(project)).setup, has: project.files.has(PATH) }
}

test('a change is set up as the settings before it say', async () => {
  expect(await setupWith('setup: make\n')).toEqual({ setup: ['make'], has: true })
  expect(await setupWith(null)).toEqual({ setup: undefined, has: false })
})

test('settings that are removed or moved away still count, and those that come by another name do not', async () => {
  const removed = withBaseSettings(projectOf({}), [collected(PATH, 'setup: make\n', null)])
  expect((await readRepoSettings(removed)).setup).toEqual(['make'])
  const yaml = '.github/backspace.yaml'
  const moved = { ...collected(yaml, 'setup: make\n', 'setup: ./fake.sh\n'), previousPath: PATH }
  const project = withBaseSettings(projectOf({ [yaml]: 'setup: ./fake.sh' }), [moved])
  expect((await readRepoSettings(project)).setup).toEqual(['make'])
  expect([...project.files]).toEqual([PATH])
})

test('people read that the settings of the change do not count yet', () => {
  const files = [collected(PATH, null, 'setup: make\n'), collected('src/a.js', 'a', 'b')]
  expect(settingsSentences(files)).toEqual([
    'This change edits `.github/backspace.yml`; setup and checks ran as the base commit has it.',
  ])
})

test('manifests are those of the change, and without a change of settings nothing is read again', async () => {
  const project = withBaseSettings(forged, [
    collected(PATH, null, ''),
    collected('package.json', 'old', '{}'),
  ])
  expect(await project.read('package.json')).toBe('{}')
  expect(withBaseSettings(forged, [collected('package.json', 'old', '{}')])).toBe(forged)
})
