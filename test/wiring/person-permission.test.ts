import { expect, onTestFinished, test } from 'vitest'
import { createGitHubAccess } from '../../src/github/github-access.ts'
import { createPersonPermission } from '../../src/wiring/person-permission.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'

test('GitHub is asked about the person each time; what Backspace does not reach, no person can do', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const collaborators = { ada: 'write', root: 'admin', eve: 'read' } as const
  const repository = { owner: 'acme', name: 'api', private: true, files: { a: 'b' } }
  await github.createRepository({ ...repository, collaborators })
  await github.createRepository({ ...repository, owner: 'other', collaborators, installed: false })
  const { permissionOf, audienceOf } = createPersonPermission(
    createGitHubAccess({
      app: { id: github.appId, privateKey: github.privateKey },
      apiUrl: `${github.url}/api/v3`,
      webUrl: github.url,
    }),
  )
  const api = { owner: 'acme', name: 'api' }
  const asked = await Promise.all(
    ['ada', 'root', 'eve', 'mallory'].map((login) => permissionOf(api, { login })),
  )
  expect(asked).toEqual(['write', 'admin', 'read', 'none'])
  github.setRole('acme/api', 'ada', 'read')
  expect(await permissionOf(api, { login: 'ada' })).toBe('read')
  expect(await permissionOf({ owner: 'other', name: 'api' }, { login: 'ada' })).toBe('none')
  expect(await permissionOf({ owner: 'acme', name: 'gone' }, { login: 'ada' })).toBe('none')
  expect(await permissionOf({ ...api, id: 999_999 }, { login: 'root' })).toBe('none')

  // Private and public, also for those who have no access of their own.
  await github.createRepository({ ...repository, name: 'open', private: false })
  const open = { owner: 'acme', name: 'open' }
  const people = async (repository: typeof api) => {
    const audience = await audienceOf(repository)
    return [audience.isPublic, audience.people?.map(({ login, permission }) => `${login} ${permission}`)]
  }
  expect(await people(api)).toEqual([false, ['acme admin', 'ada read', 'root admin', 'eve read']])
  expect((await people(open))[0]).toBe(true)
  expect(await people({ owner: 'acme', name: 'gone' })).toEqual([false, []])
})

test('a person is known by the number of the account, whatever its login is, and not by a login that another account has', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repository = { owner: 'acme', name: 'api', private: true, files: { a: 'b' } }
  await github.createRepository({ ...repository, collaborators: { ada: 'write' } })
  const ada = github.createUser({ login: 'ada' }).id
  const renamed: unknown[] = []
  const { permissionOf } = createPersonPermission(
    createGitHubAccess({
      app: { id: github.appId, privateKey: github.privateKey },
      apiUrl: github.apiUrl,
      webUrl: github.url,
    }),
    async (id, login) => void renamed.push(id, login),
  )
  const api = { owner: 'acme', name: 'api' }
  expect(await permissionOf(api, { id: ada, login: 'ada' })).toBe('write')
  github.renameUser('ada', 'lovelace')
  expect(await permissionOf(api, { id: ada, login: 'ada' })).toBe('write')
  expect(renamed).toEqual([ada, 'lovelace'])
  github.createUser({ login: 'ada' })
  github.setRole('acme/api', 'ada', 'admin')
  expect(await permissionOf(api, { id: ada, login: 'ada' })).toBe('write')
  // An account that is gone can do nothing, also if another one has its login.
  expect(await permissionOf(api, { id: 999_999, login: 'ada' })).toBe('none')
})
