import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { postgresBinaries } from '../support/postgres.ts'
import { databaseOfTest } from '../support/shared-postgres.ts'
import { type Service, startService } from '../support/start-service.ts'
import { createGreeter, eventually, FIX_GREETER, observe, startStandIns } from '../support/start-world.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'

type StandIns = Awaited<ReturnType<typeof startStandIns>>

/** Asks for a run at `url` and waits until the model has the request and does not answer, and the thread says that the run works. */
async function askAndHang({ github, anthropic }: StandIns, url: string) {
  github.setWebhookTarget(`${url}/api/github/webhooks`)
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace make the failing test pass' })
  await eventually(
    () => anthropic?.turns(),
    (turns = []) => turns.length > 0,
  )
  const told = () => github.comments(repo, number).filter(({ author }) => author === 'backspace[bot]')
  await github.waitFor(() => told().length === 1)
  const [run] = await observe(url).runs()
  if (run === undefined) throw new Error('there is no run')
  return { repo, run, told }
}

async function stop(service: Service): Promise<void> {
  service.signal('SIGTERM')
  expect(await service.ended).toBe(0)
}

test.skipIf(postgresBinaries() === undefined)(
  'a run whose process is stopped in the middle is cancelled from another one, and publishes nothing when it wakes',
  async () => {
    const standIns = await startStandIns({ sandbox: 'e2b', anthropic: [{ fault: 'stall', at: 'text' }] })
    const { github, e2b } = standIns
    onTestFinished(standIns.close)
    const env = { ...standIns.env, DATABASE_URL: await databaseOfTest('tables'), LOG_LEVEL: 'info' }
    const web = await startService({ ...env, BACKSPACE_ROLE: 'web' })
    const url = await web.listening
    const frozen = await startService({ ...env, BACKSPACE_ROLE: 'worker', PUBLIC_URL: url })
    await frozen.listening
    const { repo, run, told } = await askAndHang(standIns, url)
    // Another one is there, that may carry runs but not this one.
    const spare = await startService({ ...env, BACKSPACE_ROLE: 'worker', PUBLIC_URL: url })
    await spare.listening

    frozen.signal('SIGSTOP')
    expect((await fetch(`${url}/runs/${run.id}/cancel`, { method: 'POST' })).status).toBeLessThan(300)
    expect((await observe(url).frames()).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
    expect((await observe(url).runs()).map(({ status }) => status)).toEqual(['cancelled'])
    await github.waitFor(() => /cancelled|stopped/i.test(told()[0]?.body ?? ''))
    await eventually(
      () => e2b?.sandboxes(),
      (boxes) => boxes?.every(({ state }) => state === 'killed') === true,
    )

    const final = told().map(({ body }) => body)
    frozen.signal('SIGCONT')
    await stop(frozen)
    expect(told().map(({ body }) => body)).toEqual(final)
    expect(github.pullRequests(repo)).toEqual([])
    expect(Object.keys(await github.branches(repo))).toEqual(['main'])
    const frames = await observe(url).frames()
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
    await stop(spare)
    await stop(web)
  },
)

test('a run that a stop interrupts is continued by the next process to its one pull request', async () => {
  const standIns = await startStandIns({ anthropic: [{ fault: 'stall', at: 'start' }, ...FIX_GREETER] })
  const { github } = standIns
  const DATA_DIR = await copyTemplateDatabase()
  onTestFinished(async () => {
    await standIns.close()
    await rm(DATA_DIR, { recursive: true, force: true })
  })
  const env = { ...standIns.env, DATA_DIR, LOG_LEVEL: 'info', BACKSPACE_GRACE_SECONDS: '11' }
  const first = await startService(env)
  const { repo, run, told } = await askAndHang(standIns, await first.listening)
  const stream = await fetch(`${await first.listening}/runs/${run.id}/events`)
  const killed = setTimeout(() => first.signal('SIGKILL'), 60_000)
  await stop(first)
  clearTimeout(killed)
  const seen = await stream.text()
  expect(seen).toMatch(/^retry: 2000\n\n/)
  expect(seen).not.toMatch(/"type":"(success|error)"/)

  const next = await startService(env)
  const frames = await observe(await next.listening).frames()
  const [pull, ...more] = github.pullRequests(repo)
  expect(more).toEqual([])
  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { pr_url: pull?.htmlUrl } })
  expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
  await github.waitFor(() => told()[0]?.body.includes(pull?.htmlUrl ?? '?'))
  expect(told()).toHaveLength(1)
  expect(Object.keys(await github.branches(repo)).sort()).toEqual([pull?.head, 'main'])
  await stop(next)
})
