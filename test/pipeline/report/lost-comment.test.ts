import { expect, test } from 'vitest'
import { prepareReports, REPO } from './report-world.ts'
import { ANSWER, reportingIn } from './start-reporting.ts'

const world = prepareReports()
const { startReporting, ours, shows } = reportingIn(world)

test('a comment that a person deleted is not written again until the run ends, and the end is one new comment', async () => {
  const { runs, reporter, number, request, another } = await startReporting()
  const { github } = world()
  const { run } = await runs.submit({ request })
  await shows(number, 'Starting soon')
  const edits = () => github.requests.filter(({ method }) => method === 'PATCH').length
  for (const { id } of ours(number)) await github.deleteComment({ id, author: 'ada' })
  const before = edits()
  await runs.store.markRunning(run.id)
  await runs.log.append(run.id, 1, { type: 'run.started', attempt: 1 })
  await github.waitFor(() => edits() > before)
  expect(ours(number)).toEqual([])

  const { commentUrl } = await reporter.conclude(run, ANSWER)
  expect(ours(number)).toMatchObject([{ htmlUrl: commentUrl, body: expect.stringContaining('**42**') }])
  // Another process finds it by its mark.
  expect(await another().conclude(run, ANSWER)).toEqual({ commentUrl })
  expect(ours(number)).toHaveLength(1)
})

test('an issue that is transferred takes its comment along, and the end is written there', async () => {
  const { github } = world()
  const to = 'acme/web'
  await github.createRepository({ owner: 'acme', name: 'web', collaborators: { ada: 'write' }, files: {} })
  const { runs, reporter, number, request } = await startReporting()
  const { run } = await runs.submit({ request })
  await shows(number, 'Starting soon')
  const moved = await github.transferIssue({ repo: REPO, number, author: 'ada', to })
  const { commentUrl } = await reporter.conclude(run, ANSWER)
  const there = ours(moved.number, to)
  expect(there).toMatchObject([{ htmlUrl: commentUrl, body: expect.stringContaining('**42**') }])
  expect(ours(number)).toEqual([])
})
