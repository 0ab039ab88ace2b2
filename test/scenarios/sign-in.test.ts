import { expect, test } from 'vitest'
import { eventually, startWorld } from '../support/start-world.ts'
import { createVisitor, signInAs, type Visitor } from '../web/access/sign-in-world.ts'

test('the whole product signs people in, lets a laptop work without it, and logs out a person who takes it back on GitHub', async () => {
  const { github, url } = await startWorld({ signIn: true, env: { OPERATORS: 'root' } })
  for (const login of ['ada', 'root']) github.createUser({ login })
  github.setApp({ callbackUrls: [`${url}/auth/github/callback`] })
  const account = async (visitor: Visitor) => (await visitor.open(`${url}/account`)).html
  expect(await account(createVisitor())).toContain('Only this machine can reach the service')
  const ada = await signInAs({ github, web: { url } }, 'ada')
  expect(await account(ada)).toContain('You see the runs of repositories that you can read')
  expect(await account(await signInAs({ github, web: { url } }, 'root'))).toContain('You are an operator')
  await github.revokeAuthorization('ada')
  await eventually(async () => !(await account(ada)).includes('You see the runs'))
})
