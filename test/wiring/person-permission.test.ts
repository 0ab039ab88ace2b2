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
  const permissionOf = createPersonPermission(
    createGitHubAccess({
      app: { id: github.appId, privateKey: github.privateKey },
      apiUrl: `${github.url}/api/v3`,
      webUrl: github.url,
    }),
  )
  const api = { owner: 'acme', name: 'api' }
  const people = await Promise.all(['ada', 'root', 'eve', 'mallory'].map((login) => permissionOf(api, login)))
  expect(people).toEqual(['write', 'admin', 'read', 'none'])
  github.setRole('acme/api', 'ada', 'read')
  expect(await permissionOf(api, 'ada')).toBe('read')
  expect(await permissionOf({ owner: 'other', name: 'api' }, 'ada')).toBe('none')
  expect(await permissionOf({ owner: 'acme', name: 'gone' }, 'ada')).toBe('none')
  expect(await permissionOf({ ...api, id: 999_999 }, 'root')).toBe('none')
})
