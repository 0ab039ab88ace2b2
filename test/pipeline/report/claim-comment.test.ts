import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { claimComment } from '../../../src/pipeline/report/claim-comment.ts'
import { createEffectStore } from '../../../src/runs/store/effect-store.ts'
import { ownWords } from '../../../src/text/markdown/safe-markdown.ts'
import { onIssue, startRuns } from '../../runs/start-runs.ts'
import type { GitHubStandIn } from '../../stand-ins/github/start-github.ts'
import { prepareReports, REPO } from './report-world.ts'

const world = prepareReports()
let db: Database
let github: GitHubStandIn
beforeAll(() => {
  ;({ db, github } = world())
})

/** A run on a new issue, and processes that want its comment. */
async function startClaiming() {
  const runs = await startRuns(db)
  const { number } = await github.openIssue({ repo: REPO, author: 'acme', title: 'A bug' })
  const { run } = await runs.submit({ request: onIssue(number) })
  const { octokit, repository, botLogin } = await world().access().repository({ owner: 'acme', name: 'api' })
  const place = { octokit, repository, number, marker: `<!-- ${run.id} -->`, author: botLogin }
  const claim = (holder: string, { attempt = 0 } = {}) =>
    claimComment(
      {
        ...{ effects: createEffectStore(db), runId: run.id, attempt, holder, isShared: false },
        pause: () => new Promise((resolve) => setTimeout(resolve, 20)),
      },
      place,
      ownWords(`${holder} ${place.marker}`),
    )
  const post = { method: 'POST', path: new RegExp(`/issues/${number}/comments$`) } as const
  /** As if a long time had passed since the comment was intended. */
  const age = () =>
    db.sql
      .updateTable('run_effects')
      .set({ intended_at: new Date(0) })
      .execute()
  const bodies = () => github.comments(REPO, number).map(({ body }) => body.split(' ')[0])
  return { claim, post, age, bodies }
}

test('processes that want it at once get one comment', async () => {
  const { claim, post, bodies } = await startClaiming()
  github.fail({ ...post, delayMs: 100 })
  const claimed = await Promise.all(['one', 'two', 'three', 'four'].map((holder) => claim(holder)))
  expect(new Set(claimed.map(({ comment }) => comment.id)).size).toBe(1)
  expect(claimed.filter(({ fresh }) => fresh)).toHaveLength(1)
  expect(bodies()).toHaveLength(1)
})

test('an answer that was lost is looked for by the one that asked', async () => {
  const { claim, post, bodies } = await startClaiming()
  github.fail({ ...post, status: 502, when: 'after' })
  await expect(claim('one')).rejects.toMatchObject({ code: 'github_unavailable' })
  expect(await claim('one')).toMatchObject({ fresh: false, comment: { uncertain: true } })
  expect(bodies()).toEqual(['one'])
})

test('a refusal does not keep the others waiting', async () => {
  const { claim, post, bodies } = await startClaiming()
  github.fail({
    ...post,
    status: 403,
    body: { message: 'Unable to create comment because issue is locked.' },
  })
  await expect(claim('one')).rejects.toMatchObject({ code: 'conflict' })
  expect(await claim('two')).toMatchObject({ fresh: true })
  expect(bodies()).toEqual(['two'])
})

test('what a process made before it died is found after a while', async () => {
  const { claim, post, age, bodies } = await startClaiming()
  github.fail({ ...post, drop: true, when: 'after' })
  await expect(claim('dead')).rejects.toMatchObject({ code: 'github_unavailable' })
  await age()
  expect(await claim('next', { attempt: 1 })).toMatchObject({ fresh: false })
  expect(bodies()).toEqual(['dead'])
})

test('a process that wakes up in the middle takes its own comment away again', async () => {
  const { claim, post, age, bodies } = await startClaiming()
  const asleep = Promise.withResolvers<void>()
  const slow = github.fail({ ...post, until: asleep.promise })
  const sleeper = claim('sleeper')
  await github.waitFor(() => slow.hits === 1)
  await age()
  const next = await claim('next')
  asleep.resolve()
  const woken = await sleeper
  expect(woken.comment.id).toBe(next.comment.id)
  expect(bodies()).toEqual(['next'])
})

test('two that are there already become one', async () => {
  const { claim, post, age, bodies } = await startClaiming()
  const answers = [github.fail({ ...post, drop: true, when: 'after' })]
  await claim('first').catch(() => {})
  await db.sql.deleteFrom('run_effects').execute()
  answers.push(github.fail({ ...post, drop: true, when: 'after' }))
  await claim('second').catch(() => {})
  expect(bodies()).toEqual(['first', 'second'])
  await age()
  await claim('third')
  expect(bodies()).toEqual(['first'])
})
