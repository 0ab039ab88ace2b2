import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { postgresBinaries, startPostgres } from '../support/postgres.ts'
import { launchService, type Service, startService } from '../support/start-service.ts'
import { createGreeter, eventually, observe, startStandIns } from '../support/start-world.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'

/** As in a container without user namespaces. */
const FORBIDDEN_BUBBLEWRAP = `#!/bin/sh
[ "$1" = --version ] && exec echo bubblewrap 0.8.0
echo 'bwrap: No permissions to create new namespace' >&2
exit 1
`

describe('a service in an empty environment, on a system that allows no sandboxes', () => {
  let service: Service
  let programs: string
  beforeAll(async () => {
    programs = await mkdtemp(join(tmpdir(), 'backspace-programs-'))
    // A service of root tries bubblewrap as another user.
    await chmod(programs, 0o755)
    await writeFile(join(programs, 'bwrap'), FORBIDDEN_BUBBLEWRAP, { mode: 0o755 })
    service = await launchService({ PATH: `${programs}:${process.env.PATH}` })
  })
  afterAll(async () => {
    await service.remove()
    await rm(programs, { recursive: true })
  })

  test('answers', async () => {
    const url = await service.listening
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  test('says that no run can work, and what to do', async () => {
    await eventually(() => service.output().includes('No run can work here'))
    expect(service.output()).toMatch(/--security-opt seccomp=unconfined.*Or set E2B_API_KEY/)
  })

  test('is left alone by a second process on its data directory, which says so', async () => {
    const url = await service.listening
    const second = await startService({ DATA_DIR: service.directory })
    expect(await second.ended).toBe(1)
    expect(second.output()).toMatch(/another|already/i)
    expect(second.output()).not.toContain(service.directory)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  test('has a port that another process names when it cannot have it, with what to set', async () => {
    const { port } = new URL(await service.listening)
    const second = await startService({ PORT: port })
    expect(await second.ended).toBe(1)
    expect(second.output()).toMatch(new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}.*Set HOST and PORT`))
  })

  test('ends on SIGTERM with 0', async () => {
    await service.listening
    service.signal('SIGTERM')
    expect(await service.ended).toBe(0)
  })
})

test.skipIf(postgresBinaries() === undefined)(
  'a service whose database is away says that it is not ready, comes back with it, and ends on SIGTERM without it',
  async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const service = await startService({ DATABASE_URL: await server.createDatabase() })
    const url = await service.listening
    const ready = async () => (await fetch(`${url}/readyz`)).status
    await server.restart(async () => expect(await ready()).toBe(503))
    await expect.poll(ready).toBe(200)
    await server.restart(async () => {
      service.signal('SIGTERM')
      expect(await service.ended).toBe(0)
    })
  },
)

test('a stop says so, takes in what comes, hands over what hangs, and ends in time with 0', async () => {
  const standIns = await startStandIns({ anthropic: [{ fault: 'stall', at: 'start' }] })
  const { github } = standIns
  const repo = await createGreeter(github)
  const DATA_DIR = await copyTemplateDatabase()
  const env = { ...standIns.env, DATA_DIR, LOG_LEVEL: 'info', BACKSPACE_GRACE_SECONDS: '14' }
  const service = await startService(env)
  const url = await service.listening
  github.setWebhookTarget(`${url}/api/github/webhooks`)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  await eventually(
    () => standIns.anthropic?.turns(),
    (turns = []) => turns.length > 0,
  )
  const [run] = await observe(url).runs()
  const stream = await fetch(`${url}/runs/${run?.id}/events`)
  github.fail({ path: /comments/, delayMs: 120_000, times: Number.POSITIVE_INFINITY })

  service.signal('SIGTERM')
  expect(await stream.text()).toMatch(/^retry: 2000\n\n/)
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('stopping')])
  const late = await fetch(`${url}/code`, {
    method: 'POST',
    body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, prompt: 'a late one' }),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  })
  expect(late.status).toBe(202)
  // A second signal changes nothing: npm passes on what the whole group has received already.
  service.signal('SIGTERM')
  // It has 12 seconds, and GitHub answers after 120; the rest is for a machine that is busy with other tests.
  const killed = setTimeout(() => service.signal('SIGKILL'), 60_000)
  expect(await service.ended).toBe(0)
  clearTimeout(killed)
  expect(github.tokens().length).toBeGreaterThan(1)
  expect(github.tokens().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])

  const next = await startService(env)
  const runs = await observe(await next.listening).runs()
  expect(runs).toHaveLength(2)
  next.signal('SIGKILL')
  await next.ended
  await standIns.close()
  await rm(DATA_DIR, { recursive: true })
})
