import { sql } from 'kysely'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createGitHubAccess } from '../../../src/github/github-access.ts'
import { createOutcomeStore } from '../../../src/runs/outcomes/outcome-store.ts'
import { createStatistics } from '../../../src/runs/stats/statistics.ts'
import { followPullRequests } from '../../../src/triggers/outcomes/follow-pull-requests.ts'
import { pullRequestEnded, pushed } from '../../../src/triggers/outcomes/outcome-triggers.ts'
import { fromPullRequest, fromPush } from '../../../src/triggers/trigger-event.ts'
import { startRuns } from '../../runs/start-runs.ts'
import { storePastRun } from '../../runs/stats/past-runs.ts'
import { quietOctokit } from '../../stand-ins/github/checked-octokit.ts'
import { startGitHub } from '../../stand-ins/github/start-github.ts'
import { useDatabase } from '../../web/serve-web.ts'

const database = useDatabase()
const DAY = 24 * 60 * 60_000
let opened = 0

/** A GitHub, and a ledger that knows the pull requests that were opened with `open`. */
async function startLedger() {
  const db = database()
  await startRuns(db)
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const { id } = await github.createRepository({
    owner: 'acme',
    name: 'api',
    collaborators: { ada: 'write' },
    files: { 'a.txt': 'a\n' },
  })
  const clock = { offset: 0 }
  const now = () => new Date(Date.now() + clock.offset)
  const outcomes = createOutcomeStore(db, now)
  const access = createGitHubAccess({
    app: { id: github.appId, privateKey: github.privateKey },
    apiUrl: github.apiUrl,
    webUrl: github.url,
  })
  const deps = { github: access, outcomes, now }
  const errors: unknown[] = []
  const chore = followPullRequests({ ...deps, onError: (error) => errors.push(error) })
  const octokit = quietOctokit({ apiUrl: github.apiUrl, auth: { token: github.createPat({ login: 'ada' }) } })
  const push = (branch: string, text = 'Change files\n') =>
    github.pushFiles({
      repo: 'acme/api',
      branch,
      author: 'ada',
      text,
      files: { [`${branch}-${++opened}.txt`]: 'x' },
    })

  return {
    push,
    chore: () => chore.run(new AbortController().signal),
    /** Opens a pull request as a run of Backspace does. */
    async open() {
      const branch = `topic-${++opened}`
      const sha = await push(branch)
      const { number } = await github.openPullRequest({
        repo: 'acme/api',
        author: 'ada',
        title: branch,
        head: branch,
      })
      await storePastRun(db, `run-${opened}`, {
        request: { repository: { owner: 'acme', name: 'api', id } },
        pullRequest: number,
        createdAt: new Date(Date.now() - DAY),
      })
      await sql`
        update pull_request_outcomes set opened_sha = ${sha}, state = 'open', look_at = now() where number = ${number}`.execute(
        db.sql,
      )
      return { branch, number, sha }
    },
    merge: (sha: string) => github.moveBranch({ repo: 'acme/api', branch: 'main', sha }),
    /** As the button "Update branch" does. */
    async mergeMain(branch: string, head: string) {
      const repo = { owner: 'acme', repo: 'api' }
      const main = await push('main')
      const { data: commit } = await octokit.rest.git.getCommit({ ...repo, commit_sha: head })
      const { data } = await octokit.rest.git.createCommit({
        ...repo,
        message: "Merge branch 'main'",
        tree: commit.tree.sha,
        parents: [head, main],
      })
      await github.moveBranch({ repo: 'acme/api', branch, sha: data.sha })
      return data.sha
    },
    setState: (number: number, state: 'open' | 'closed') =>
      octokit.rest.pulls.update({ owner: 'acme', repo: 'api', pull_number: number, state }),
    /** What GitHub would deliver, in any order and however often. */
    tell: (number: number, more: object = {}) =>
      pullRequestEnded(
        deps,
        fromPullRequest({ ...ABOUT, repository: repositoryOf(id), pull_request: pullOf(number, more) }),
      ),
    /** @param pushedAt GitHub leaves it out now and then. */
    tellPush: (
      message: string,
      ref = 'refs/heads/main',
      pushedAt: number | null = Math.floor(now().getTime() / 1000),
    ) =>
      pushed(
        deps,
        fromPush({
          ref,
          repository: { ...repositoryOf(id), pushed_at: pushedAt },
          commits: [{ message }],
        }),
      ),
    wait: (ms: number) => {
      clock.offset += ms
    },
    figures: async () => (await createStatistics(db)({ days: 30 })).pullRequests,
    async row(number: number) {
      return (await outcomes.find({ repositoryId: id, number })) ?? {}
    },
    lose: () => github.setInstalled('acme/api', false),
    errors,
  }
}

const ABOUT = { action: 'closed', sender: { login: 'ada', id: 1, type: 'User' } }

function repositoryOf(id: number) {
  return { id, name: 'api', owner: { login: 'acme' } }
}

function pullOf(number: number, more: object) {
  return {
    ...{
      number,
      title: 'T',
      body: null,
      html_url: 'http://a.test',
      user: null,
      updated_at: '2026-01-01T00:00:00Z',
    },
    ...{ head: { sha: 'x' }, base: { ref: 'main' }, ...more },
  }
}

beforeAll(() => {
  opened = 0
})

test('merged untouched, merged after rework, closed and reopened, whatever the order of webhooks and however many come', async () => {
  const ledger = await startLedger()
  const untouched = await ledger.open()
  await ledger.tell(untouched.number)
  expect(await ledger.row(untouched.number)).toMatchObject({ state: 'open' })
  await ledger.merge(untouched.sha)
  for (let n = 0; n < 3; n++) await ledger.tell(untouched.number, { merged: true })
  expect(await ledger.row(untouched.number)).toMatchObject({
    state: 'merged',
    reworked: false,
    mergeSha: untouched.sha,
  })

  const updated = await ledger.open()
  await ledger.merge(await ledger.mergeMain(updated.branch, updated.sha))
  await ledger.tell(updated.number, { merged: true })
  expect(await ledger.row(updated.number)).toMatchObject({ state: 'merged', reworked: false })

  const reworked = await ledger.open()
  await ledger.merge(await ledger.push(reworked.branch, 'A person goes on\n'))
  const closed = await ledger.open()
  await ledger.setState(closed.number, 'closed')
  // No webhook of these two comes.
  await ledger.chore()
  expect(await ledger.row(reworked.number)).toMatchObject({ state: 'merged', reworked: true })
  expect(await ledger.row(closed.number)).toMatchObject({ state: 'closed' })
  await ledger.setState(closed.number, 'open')
  await ledger.tell(closed.number)
  expect(await ledger.row(closed.number)).toMatchObject({ state: 'open', endedAt: null })
  // Pull requests that no run opened are none of its business.
  await ledger.tell(999, { merged: true })
  expect(await ledger.figures()).toEqual({
    ...{ opened: 4, open: 1, mergedUntouched: 2, mergedAfterRework: 1, reverted: 0, closed: 0, unknown: 0 },
  })
  expect(ledger.errors).toEqual([])
})

test('a revert is found in a push, in a merged pull request, and by asking; only on its branch, and only within 14 days', async () => {
  const ledger = await startLedger()
  const pulls = [await ledger.open(), await ledger.open(), await ledger.open(), await ledger.open()]
  for (const { branch, number } of pulls) {
    await ledger.merge(await ledger.push(branch))
    await ledger.tell(number, { merged: true })
  }
  const [first, second, third, fourth] = pulls.map(({ number, sha }) => ({ number, sha }))
  await ledger.tellPush(`Revert "T"\n\nThis reverts commit ${first?.sha}.`, 'refs/heads/elsewhere')
  await ledger.tell(77, { title: `Revert "T (#${second?.number})"`, merged: false })
  expect((await ledger.figures()).reverted).toBe(0)
  await ledger.tellPush(`Revert "T"\n\nThis reverts commit ${first?.sha}.`, 'refs/heads/main', null)
  await ledger.tell(77, { title: 'Undo', body: `Reverts acme/api#${second?.number}`, merged: true })
  await ledger.push('main', `Revert "T (#${third?.number})" (#90)\n`)
  ledger.wait(DAY + 60_000)
  await ledger.chore()
  expect((await ledger.figures()).reverted).toBe(3)

  ledger.wait(14 * DAY)
  await ledger.tellPush(`Revert "T (#${fourth?.number})" (#91)`)
  expect(await ledger.row(fourth?.number ?? 0)).toMatchObject({ revertedAt: expect.any(Date) })
  expect(await ledger.figures()).toMatchObject({ reverted: 3, mergedAfterRework: 1 })
})

test('what GitHub no longer shows is not known, and what was seen of it before stays', async () => {
  const ledger = await startLedger()
  const [merged, open] = [await ledger.open(), await ledger.open()]
  await ledger.merge(merged.sha)
  await ledger.tell(merged.number, { merged: true })
  ledger.lose()
  ledger.wait(2 * DAY)
  await ledger.chore()
  expect(await ledger.row(merged.number)).toMatchObject({ state: 'merged', reworked: false })
  expect(await ledger.row(open.number)).toMatchObject({ state: 'unknown' })
  expect(await ledger.figures()).toMatchObject({ opened: 2, mergedUntouched: 1, unknown: 1 })
  expect(ledger.errors).toEqual([])
})
