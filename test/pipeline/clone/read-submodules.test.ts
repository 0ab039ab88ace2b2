import { expect, test } from 'vitest'
import { readSubmodules } from '../../../src/pipeline/clone/read-submodules.ts'

const SHA = 'a'.repeat(40)

function at(url: string, text = `[submodule "x"]\n\tpath = deps/x\n\turl = ${url}\n`): string | undefined {
  const given = Buffer.from([text, `160000 ${SHA} 0\tdeps/x`, ''].join('\0'))
  const place = { repository: { owner: 'acme', name: 'api' }, webUrl: 'https://github.com' }
  const [one] = readSubmodules(given, place)
  expect(one).toMatchObject({ path: 'deps/x', sha: SHA })
  return one?.repository && `${one.repository.owner}/${one.repository.name}`
}

test.each([
  ['https://github.com/google/x.git', 'google/x'],
  ['https://token@GitHub.com/google/x/', 'google/x'],
  ['git://github.com/google/x.y.git', 'google/x.y'],
  ['git@github.com:google/x.git', 'google/x'],
  ['ssh://git@github.com/google/x', 'google/x'],
  ['../x.git', 'acme/x'],
  ['../../google/x', 'google/x'],
])('a submodule at %s is %s', (url, repository) => {
  expect(at(url)).toBe(repository)
})

test.each([
  'https://example.org/google/x.git',
  'https://github.com.example.org/google/x',
  'https://github.com@example.org/google/x',
  'https://github.com:8080/google/x',
  'file:///etc/x',
  '/srv/git/x',
  './x',
  '../../../x/y/..',
  'ext::sh -c x% google/x',
  'https://github.com/google/..',
  'https://github.com/google/x?y',
  '-u',
])('a submodule at %s is not fetched', (url) => {
  expect(at(url)).toBeUndefined()
})

test('a submodule that no settings name is not fetched', () => {
  expect(at('', '')).toBeUndefined()
  expect(at('', '[submodule "y"]\n\tpath = deps/y\n\turl = ../y\n')).toBeUndefined()
})
