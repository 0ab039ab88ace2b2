import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { FAILED, NO_TOTALS, SUCCEEDED, startRuns } from '../../runs/start-runs.ts'
import type { GitHubStandIn } from '../../stand-ins/github/start-github.ts'
import { prepareReports, REPO } from './report-world.ts'
import { ANSWER, reportingIn } from './start-reporting.ts'

const world = prepareReports()
const { reporterOf, startReporting, ours, shows } = reportingIn(world)
let db: Database
let github: GitHubStandIn
beforeAll(() => {
  ;({ db, github } = world())
})

test('one comment follows a run from the queue to its answer, and the reaction is swapped', async () => {
  const { runs, reporter, errors, number, request } = await startReporting()
  const { run } = await runs.submit({ request })
  await shows(number, 'Starting soon')
  await runs.store.markRunning(run.id)
  await runs.log.append(run.id, 1, { type: 'run.started', attempt: 1 })
  await runs.log.append(run.id, 1, { type: 'step.started', step: 'clone', message: 'Cloning acme/api' })
  const working = await shows(number, '⏳ Cloning acme/api')
  expect(working).toMatch(/31 runs like this: \$0\.40–1\.10, 6–14 min; at most \$\d/)

  const { commentUrl } = await reporter.conclude(run, ANSWER)
  const [comment] = ours(number)
  expect(commentUrl).toBe(comment?.htmlUrl)
  expect(comment?.body).not.toContain('runs like this')
  expect(comment?.body).toContain('### 💬 Answer\n\n> It is **42**.')
  expect(github.reactions(REPO, number, request.comment?.id).map(({ content }) => content)).toEqual([
    'rocket',
  ])
  expect((await runs.store.get(run.id))?.progress.progressCommentId).toBe(comment?.id)
  expect(ours(number)).toHaveLength(1)
  expect(errors).toEqual([])
})

test('many events are few edits', async () => {
  const { runs, reporter, number, request } = await startReporting({ editIntervalMs: 60_000 })
  const { run } = await runs.submit({ request })
  await shows(number, 'Starting soon')
  await runs.store.markRunning(run.id)
  const edits = () =>
    github.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/comments/'))
  const before = edits().length
  for (let n = 0; n < 50; n++) {
    await runs.log.append(run.id, 1, { type: 'step.started', step: 'agent', message: `Turn ${n}` })
  }
  await reporter.conclude(run, ANSWER)
  expect(edits()).toHaveLength(before + 1)
  expect(ours(number)[0]?.body).toContain('Turn 49')
})

test('a failure without a conclusion is reported from the terminal event', async () => {
  const { runs, number, request } = await startReporting()
  const run = await runs.claim({ request })
  await runs.log.append(run.id, 1, FAILED)
  expect(await shows(number, 'This did not work')).toContain('The clone failed')
  await github.waitFor(() =>
    github.reactions(REPO, number, request.comment?.id).every(({ content }) => content === 'confused'),
  )
})

test('another process finds the comment again, also when only GitHub knows about it', async () => {
  const { runs, reporter, another, number, request } = await startReporting()
  const { run } = await runs.submit({ request })
  await shows(number, 'Starting soon')
  await reporter.close()
  await db.sql.updateTable('runs').set({ progress: '{}' }).where('id', '=', run.id).execute()
  await another().conclude(run, ANSWER)
  expect(ours(number)).toHaveLength(1)
  expect(ours(number)[0]?.body).toContain('It is **42**.')
})

test('a marker that another person copied is not taken for ours', async () => {
  const { runs, reporter, number, request } = await startReporting({ editIntervalMs: 60_000 })
  const run = await runs.claim({ request })
  await github.comment({ repo: REPO, number, author: 'ada', body: `<!-- backspace-run:${run.id} -->` })
  await reporter.conclude(run, ANSWER)
  expect(ours(number)).toHaveLength(1)
})

test('GitHub being down fails nothing, and the end is written when it is back', async () => {
  const { runs, reporter, errors, number, request } = await startReporting()
  const run = await runs.claim({ request })
  const down = github.fail({ path: /\/comments/, status: 503, times: Number.POSITIVE_INFINITY })
  expect(await reporter.conclude(run, ANSWER)).toEqual({ commentUrl: null })
  expect(errors.length).toBeGreaterThan(0)
  down.cancel()
  await runs.log.append(run.id, 1, SUCCEEDED)
  await shows(number, 'It is **42**.')
})

test('of two comments, because GitHub listed the first one late, the one that tells the end is kept', async () => {
  const { runs, reporter, number, request } = await startReporting()
  github.fail({ method: 'POST', path: new RegExp(`/${number}/comments$`), status: 502, when: 'after' })
  github.fail({ method: 'GET', path: new RegExp(`/${number}/comments\\?`), status: 200, body: [] })
  const { run } = await runs.submit({ request })
  await github.waitFor(() => ours(number).length === 2)
  const { commentUrl } = await reporter.conclude(run, ANSWER)
  expect(ours(number)).toMatchObject([{ htmlUrl: commentUrl, body: expect.stringContaining('**42**') }])
})

test('a run without a thread has no comment', async () => {
  const { runs, reporter, errors } = await startReporting()
  const run = await runs.claim()
  const before = github.requests.length
  await runs.log.append(run.id, 1, { type: 'run.started', attempt: 1 })
  expect(await reporter.conclude(run, ANSWER)).toEqual({ commentUrl: null })
  expect(github.requests.length).toBe(before)
  expect(errors).toEqual([])
})

test('a secret in the comment is masked', async () => {
  const { runs, reporter, number, request } = await startReporting()
  const run = await runs.claim({ request })
  const token = `ghs_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`
  await reporter.conclude(run, {
    status: 'failed',
    outcome: null,
    code: 'internal',
    message: `It said ${token}`,
    totals: NO_TOTALS,
  })
  expect(ours(number)[0]?.body).toContain('It said [redacted]')
})

test('closing writes an end that is still missing', async () => {
  const { runs, reporter, number, request } = await startReporting({ editIntervalMs: 60_000 })
  const run = await runs.claim({ request })
  await runs.log.append(run.id, 1, FAILED)
  await reporter.close()
  expect(ours(number)[0]?.body).toContain('This did not work')
})

const title = 'a process that slept while another one wrote the end leaves it, though GitHub refuses %i times'
test.each([0, 3])(title, async (refused) => {
  const { runs, reporter, number, request, errors } = await startReporting()
  const run = await runs.claim({ request })
  await runs.log.append(run.id, 1, { type: 'run.started', attempt: 1 })
  await shows(number, 'Working on it')
  const asleep = Promise.withResolvers<void>()
  const slow = github.fail({ method: 'PATCH', path: /\/issues\/comments\//, until: asleep.promise })
  await runs.log.append(run.id, 1, { type: 'step.started', step: 'clone', message: 'Cloning late' })
  await github.waitFor(() => slow.hits === 1)

  const elsewhere = await startRuns(db, { keep: true })
  const claim = await elsewhere.store.markRunning(run.id)
  const other = reporterOf(elsewhere, errors)
  await other.conclude(claim?.run ?? run, ANSWER)
  await elsewhere.log.append(run.id, 2, SUCCEEDED)
  await other.close()
  if (refused > 0) github.fail({ method: 'PATCH', path: /\/issues\/comments\//, status: 502, times: refused })
  asleep.resolve()
  const edits = () => github.requests.filter(({ method }) => method === 'PATCH')
  const late = edits().find(({ body }) => JSON.stringify(body).includes('⏳ Cloning late'))
  // That edit comes after the end; then the end comes once more.
  await github.waitFor(() => {
    const refusals = edits().filter(({ status }) => status === 502).length
    const isLast = late?.status === 200 && refusals === refused && edits().at(-1)?.status === 200
    return isLast && ours(number)[0]?.body.includes('It is **42**.')
  })
  expect(ours(number)).toHaveLength(1)

  const { length } = edits()
  runs.log.announce([{ runId: run.id, seq: 99, at: '', type: 'notice', level: 'info', message: 'late' }])
  // It writes what it still has to write, and then nothing more.
  await reporter.close()
  expect(edits()).toHaveLength(length)
})
