import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { checkEndings } from '../../../src/pipeline/report/check-endings.ts'
import { createProgressReporter } from '../../../src/pipeline/report/report-progress.ts'
import { FINAL_COMMENT } from '../../../src/pipeline/report/thread-comment.ts'
import { createEffectStore } from '../../../src/runs/store/effect-store.ts'
import { FAILED, onIssue, startRuns } from '../../runs/start-runs.ts'
import type { GitHubStandIn } from '../../stand-ins/github/start-github.ts'
import { prepareReports, REPO } from './report-world.ts'

const world = prepareReports()
let db: Database
let github: GitHubStandIn
beforeAll(() => {
  ;({ db, github } = world())
})

/** A run that has failed, its comment, and the chore that looks at it at once. */
async function endedRun(options: { readonly reported: boolean }) {
  const runs = await startRuns(db)
  const errors: unknown[] = []
  const access = world().access()
  const effects = createEffectStore(db)
  const shared = {
    github: access,
    store: runs.store,
    effects,
    onError: (error: unknown) => errors.push(error),
  }
  const reporterOf = () =>
    createProgressReporter({ ...shared, log: runs.log, runUrl: () => undefined, editIntervalMs: 20 })
  const { number } = await github.openIssue({ repo: REPO, author: 'ada', title: 'A bug' })
  const request = onIssue(number)
  const reporter = reporterOf()
  const { run } = await runs.submit({ request })
  const ours = () => github.comments(REPO, number).filter(({ author }) => author === 'backspace[bot]')
  await github.waitFor(() => ours()[0])
  await runs.store.markRunning(run.id)
  // Without a reporter the event is stored as well, as by a process that dies right after.
  if (!options.reported) await reporter.close()
  await runs.log.append(run.id, 1, FAILED)
  if (options.reported) {
    await github.waitFor(() => ours()[0]?.body.includes('This did not work'))
    await reporter.close()
  }
  const other = reporterOf()
  const chore = checkEndings({ ...shared, writeEnding: other.writeEnding, minAgeMs: 0 })
  const look = () => chore.run(new AbortController().signal)
  const edits = () =>
    github.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/comments/')).length
  return { ours, look, edits, errors, number, close: () => other.close() }
}

test('an ending that a late edit overwrote is restored, once', async () => {
  const { ours, look, edits, errors, close } = await endedRun({ reported: true })
  const [comment] = ours()
  await github.editComment({
    id: comment?.id ?? 0,
    author: 'acme',
    body: `${comment?.body}`.replace('This did not work', 'Waiting'),
  })
  expect(ours()[0]?.body).toContain('Waiting')
  await look()
  expect(ours().map(({ body }) => body)).toEqual([comment?.body])
  const before = edits()
  await look()
  expect(edits()).toBe(before)
  expect(errors).toEqual([])
  await close()
})

test('an ending that the process died before writing is written from the log, and then checked', async () => {
  const { ours, look, edits, errors, close } = await endedRun({ reported: false })
  expect(ours()[0]?.body).not.toContain('This did not work')
  await look()
  await github.waitFor(() => ours()[0]?.body.includes('This did not work'))
  const before = edits()
  await look()
  await look()
  expect(edits()).toBe(before)
  expect(errors).toEqual([])
  await close()
})

test('an ending whose process died between storing its text and making the comment is written', async () => {
  const runs = await startRuns(db)
  const errors: unknown[] = []
  const effects = createEffectStore(db)
  const shared = {
    github: world().access(),
    store: runs.store,
    effects,
    onError: (e: unknown) => errors.push(e),
  }
  const { number } = await github.openIssue({ repo: REPO, author: 'ada', title: 'A bug' })
  const { run } = await runs.submit({ request: onIssue(number) })
  await runs.store.markRunning(run.id)
  await runs.log.append(run.id, 1, FAILED)
  await effects.keep({ runId: run.id, name: FINAL_COMMENT, attempt: 1, result: 'This did not work' })

  const reporter = createProgressReporter({ ...shared, log: runs.log, runUrl: () => undefined })
  const chore = checkEndings({ ...shared, writeEnding: reporter.writeEnding, minAgeMs: 0 })
  await chore.run(new AbortController().signal)
  const ours = () => github.comments(REPO, number).map(({ body }) => body)
  await github.waitFor(() => ours()[0]?.includes('This did not work'))
  await chore.run(new AbortController().signal)
  expect(ours()).toHaveLength(1)
  expect(errors).toEqual([])
  await reporter.close()
})

test('a comment that shows the ending is left alone, and one that a person deleted stays deleted', async () => {
  const shown = await endedRun({ reported: true })
  const deleted = await endedRun({ reported: true })
  await github.deleteComment({ author: 'acme', id: deleted.ours()[0]?.id ?? 0 })
  const before = shown.edits()
  await shown.look()
  await deleted.look()
  expect(shown.edits()).toBe(before)
  expect(deleted.ours()).toEqual([])
  expect([...shown.errors, ...deleted.errors]).toEqual([])
  await Promise.all([shown.close(), deleted.close()])
})

test('where GitHub refuses comments, the ending that was never written is not tried again', async () => {
  const { look, ours, close } = await endedRun({ reported: false })
  const before = ours().map(({ body }) => body)
  const refusal = github.fail({
    path: /^\/repos\/|\/installation/,
    status: 404,
    times: Number.POSITIVE_INFINITY,
  })
  await look()
  const { hits } = refusal
  expect(hits).toBeGreaterThan(0)
  await look()
  expect(refusal.hits).toBe(hits)
  refusal.cancel()
  expect(ours().map(({ body }) => body)).toEqual(before)
  await close()
})

test('a GitHub that is away is asked again at the next look', async () => {
  const { ours, look, errors, close } = await endedRun({ reported: true })
  const [comment] = ours()
  await github.editComment({ id: comment?.id ?? 0, author: 'acme', body: 'Something else' })
  const away = github.fail({
    method: 'GET',
    path: /\/issues\/comments\/\d+$/,
    status: 502,
    times: Number.POSITIVE_INFINITY,
  })
  await look()
  expect(ours()[0]?.body).toBe('Something else')
  away.cancel()
  await look()
  expect(ours()[0]?.body).toBe(comment?.body)
  expect(errors).toEqual([])
  await close()
})
