import { expect, test } from 'vitest'
import { nameRefusedHosts, refusedIn } from '../../../src/pipeline/sandbox/name-refused-hosts.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import type { RefusedHost } from '../../../src/sandbox/refused-host.ts'
import type { ExecResult, Sandbox } from '../../../src/sandbox/sandbox.ts'

/** A sandbox in which each command is a list of hosts that it fails to reach. */
function sandboxOfOneRun(earlier: readonly string[] = [], printed?: Partial<ExecResult>) {
  const refused: RefusedHost[] = []
  const notices = [...earlier]
  const inner = {
    id: 's',
    home: '/home/user',
    refusedHosts: printed ? undefined : () => [...refused],
    async exec(command: string) {
      if (printed) return printed
      for (const host of command.split(' ')) refused.push({ host, reason: 'not_listed' })
      if (command === 'boom') throw new Error('gone')
      return { exitCode: command.startsWith('pass') ? 0 : 1, stdout: '', stderr: '', outcome: 'exited' }
    },
  } as unknown as Sandbox
  const sandbox = nameRefusedHosts(inner, {
    journal: {
      notice: (_level, message) => void notices.push(message),
      events: async () =>
        notices.map((message) => ({ type: 'notice', level: 'warning', message }) as RunEvent),
    },
    operator: { hosts: [], ecosystems: true, repositories: [] },
    egress: { allowHosts: ['pypi.org'] },
  })
  return { sandbox, notices }
}

const said = (host: string) =>
  `\`${host}\` was refused: it is not open. If the project needs it, the operator of Backspace can set \`BACKSPACE_EGRESS=registries,${host}\`.`

test('a host that a command could not reach is named once per run', async () => {
  const { sandbox, notices } = sandboxOfOneRun([said('old.example.org')])
  await sandbox.exec('a.example.org old.example.org')
  await sandbox.exec('a.example.org b.example.org')
  expect(notices).toEqual(['old', 'a', 'b'].map((name) => said(`${name}.example.org`)))
})

test('of the notices of a run, those about refused hosts go to the reviewer (S32)', () => {
  const notice = (message: string) => ({ type: 'notice', level: 'warning', message }) as RunEvent
  const events = [notice('Careful'), notice(said('a.example.org')), { type: 'agent.message' } as RunEvent]
  expect(refusedIn(events)).toEqual([said('a.example.org')])
})

test('a command that ends with its sandbox still names its hosts, and ends as it did', async () => {
  const { sandbox, notices } = sandboxOfOneRun()
  await expect(sandbox.exec('boom')).rejects.toThrow('gone')
  expect(notices).toEqual([said('boom')])
})

test('a name without a dot is named only if the command fails', async () => {
  const { sandbox, notices } = sandboxOfOneRun()
  await sandbox.exec('pass some-host evil.test')
  await sandbox.exec('nexus')
  expect(notices).toEqual([said('evil.test'), said('nexus')])
})

test('code that asks for many hosts does not fill the run with their names', async () => {
  const { sandbox, notices } = sandboxOfOneRun()
  for (let count = 0; count < 5; count++) {
    await sandbox.exec(Array.from({ length: 10 }, (_, index) => `${count}-${index}.example.org`).join(' '))
  }
  expect(notices).toHaveLength(10)
})

test('where a sandbox does not know, the output of a failed command names the host', async () => {
  const { sandbox, notices } = sandboxOfOneRun([], {
    exitCode: 1,
    stdout:
      'npm error request to https://npm.example.org/a failed, reason: connect ECONNREFUSED\nsee https://docs.example.org',
    stderr:
      "HTTPSConnectionPool(host='files.example.org', port=443): Max retries exceeded\nhost='pypi.org' timed out",
  })
  await sandbox.exec('npm ci')
  expect(notices).toEqual(['npm', 'files'].map((name) => said(`${name}.example.org`)))
})
