import { expect, test } from 'vitest'
import { inEnvironment, type Service } from '../../../src/checks/environment/environment.ts'
import { startServices } from '../../../src/checks/environment/start-services.ts'
import { openWorkspace } from '../../agent/support/open-workspace.ts'

const { signal } = new AbortController()
const service = (name: string, run: string, rest: Partial<Service> = {}): Service => ({
  name,
  run,
  seconds: 5,
  ...rest,
})

test('services start in order, become ready, stay, and come back when they ended', async () => {
  const { sandbox, workspace } = await openWorkspace({})
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const serve = `exec python3 -m http.server --bind 127.0.0.1 ${port}`
  const place = inEnvironment(sandbox, { variables: { GREETING: 'it is me' }, path: [] })
  const services = [
    service('marker', 'echo "$GREETING" >marker; exec sleep 600', { ready: 'test -s marker' }),
    service('web', serve, { port }),
    service('broken', 'echo no such database >&2; exit 3', { ready: 'false', seconds: 1 }),
  ]
  const first = await startServices(place, { services, workspace, signal })
  expect(first.map(({ isReady }) => isReady)).toEqual([true, true, false])
  expect(first[1]?.message).toMatch(/^Service `web` is ready on port \d+ after \d+ s$/)
  expect(first[2]?.message).toMatch(
    /^Service `broken` did not become ready within 1 s\. Its last line: (?:no such database|\(ended with exit code 3\))/,
  )
  expect(Buffer.from(await sandbox.readFile(`${workspace}/marker`)).toString()).toBe('it is me\n')

  const pids = `cat ${sandbox.home}/.backspace/services/{marker,web}.pid`
  const before = (await sandbox.exec(pids)).stdout
  await sandbox.exec(`kill -KILL -- -$(sed -n 1p ${sandbox.home}/.backspace/services/web.pid)`)
  const again = await startServices(place, { services: services.slice(0, 2), workspace, signal })
  expect(again.map(({ isReady }) => isReady)).toEqual([true, true])
  const after = (await sandbox.exec(pids)).stdout
  expect(after.split('\n')[0]).toBe(before.split('\n')[0])
  expect(after.split('\n')[1]).not.toBe(before.split('\n')[1])
})

test('variables and directories are for the agent shell alone', async () => {
  const { sandbox } = await openWorkspace({})
  const place = inEnvironment(sandbox, { variables: { A: '1', CI: 'no' }, path: ["/opt/it's here/bin"] })
  const print = 'echo "$A $CI $B $(echo "$PATH" | cut -d: -f1)"'
  const run = async (shell: 'agent' | 'host') =>
    (await place.exec(print, { shell, env: { CI: '1', B: '2' } })).stdout.trim()
  expect(await run('agent')).toBe("1 no 2 /opt/it's here/bin")
  expect(await run('host')).toMatch(/^ ?1 2 \/(?!opt)/)
})
