import { expect, test } from 'vitest'
import { installAll } from '../../../src/pipeline/setup/install-all.ts'
import { openWorkspace } from '../../agent/support/open-workspace.ts'

const plan = (source: string, ...commands: readonly string[]) => ({ source, commands })
const environment = { variables: {}, path: [], egress: { allowHosts: [] }, services: [], unmet: [] }

test('setup of a project that fails does not stop the setup of the others', async () => {
  const { sandbox, workspace: path, sh } = await openWorkspace({ a: '' })
  const request = { signal: new AbortController().signal, timeoutMs: 60_000 }
  const install = (setup: readonly ReturnType<typeof plan>[], containerSetup = plan('')) =>
    installAll({ sandbox, path }, { setup, containerSetup, environment }, request)

  const report = await install([
    plan('package.json', 'exit 3', 'touch never'),
    plan('api/go.mod', 'touch api-one', 'touch api-two'),
  ])
  expect(report.status).toBe('failed')
  expect(report.results.map(({ command, exitCode }) => [command, exitCode])).toEqual([
    ['exit 3', 3],
    ['touch api-one', 0],
    ['touch api-two', 0],
  ])
  expect(report.message).toMatch(
    /^Dependencies are not installed: `exit 3` failed .*\. Then `api\/go\.mod`: Installed/,
  )
  expect(await sh('ls')).toBe('a\napi-one\napi-two')

  expect(await install([])).toMatchObject({ status: 'skipped', message: 'No dependencies to install' })
  // What a dev container cannot do takes nothing away, and what it does counts for what was guessed.
  const more = await install([plan('a', 'true')], plan('.devcontainer/devcontainer.json', 'false'))
  expect(more.status).toBe('ok')
  expect(more.message).toMatch(/json`: A command of the dev container did not work here: `false` failed/)
  expect(more.message).not.toContain('not installed')
  expect((await install([plan('a', 'false')], plan('b', 'true'))).status).toBe('ok')
})
