import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT, scriptedTurns } from '../support/scripted-turns.ts'
import { workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n' }
const FAILED = { ok: false, report: 'npm test: exit 1\nexpected good evening' }
const PASSED = { ok: true, report: 'npm test: exit 0' }

test('done without a change is sent back', async () => {
  const model = scriptedTurns([DONE, EDIT, DONE])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(JSON.stringify(model.asked[1]?.entries.at(-1))).toContain('Nothing changed in the workspace')
  expect(outcome.kind).toBe('done')
})

test('a model that insists on a change it did not make is not believed', async () => {
  const model = scriptedTurns([DONE])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ kind: 'partial', code: 'agent_stuck', totals: { turns: 3 } })
  expect(outcome.reason).toContain('the workspace is as it was')
})

test('new failures go back to the model with the report, and it may repair them', async () => {
  const model = scriptedTurns([EDIT, DONE, call('bash', { command: 'echo better >> hello.txt' }), DONE])

  const { outcome, verified } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    reports: [FAILED, PASSED],
  })

  const result = JSON.stringify(model.asked[2]?.entries.at(-1))
  expect(result).toContain('expected good evening')
  expect(result).toContain('"status":"error"')
  expect(outcome.kind).toBe('done')
  expect(verified).toBe(2)
})

test('checks that still fail at the third try make it partial', async () => {
  const model = scriptedTurns([EDIT, DONE])

  const { outcome, verified } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    reports: [FAILED],
  })

  expect(outcome).toMatchObject({
    kind: 'partial',
    reason: 'Its own checks still fail.',
    title: 'Greet politely',
  })
  expect(verified).toBe(3)
})

test('what the host would refuse to publish is reported as that, not as failing checks', async () => {
  const model = scriptedTurns([EDIT, DONE])
  const refused = 'Nothing was published: `a` is a symbolic link.'

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    reports: [{ ok: false, report: '', refused }],
  })

  const result = JSON.stringify(model.asked[2]?.entries.at(-1))
  expect(result).toContain('cannot be published as it is. Nothing was published: `a` is a symbolic link.')
  expect(result).not.toContain('fail before')
  expect(outcome).toMatchObject({ kind: 'partial', reason: 'What the agent left cannot be published.' })
})

test('of several claims in one turn the first is answered, so that no answer goes unread', async () => {
  const twice = { calls: [...EDIT.calls, ...DONE.calls, ...DONE.calls, ...DONE.calls] }
  const model = scriptedTurns([twice, DONE])

  const { outcome, verified } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    reports: [{ ...PASSED, diff: '+good morning' }],
  })

  expect(JSON.stringify(model.asked[1]?.entries.at(-1))).toContain('call finish once in a turn')
  expect(outcome).toMatchObject({ kind: 'done', totals: { turns: 2 } })
  expect(verified).toBe(2)
})

test('an answer leaves no changes behind', async () => {
  const answer = call('finish', { outcome: 'no_change', title: 'Answer', summary: 'It is in hello.txt.' })
  const model = scriptedTurns([EDIT, answer, call('bash', { command: 'git checkout -q hello.txt' }), answer])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(JSON.stringify(model.asked[2]?.entries.at(-1))).toContain('The workspace has changes')
  expect(outcome).toMatchObject({ kind: 'no_change', summary: 'It is in hello.txt.' })
})

test('a question ends the run', async () => {
  const model = scriptedTurns([
    call('finish', { outcome: 'blocked', title: 'Ask', summary: 'Two ways.', question: 'Which one?' }),
  ])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ kind: 'blocked', question: 'Which one?' })
})

test('partial is taken at its word, without checks', async () => {
  const model = scriptedTurns([
    EDIT,
    call('finish', {
      outcome: 'partial',
      title: 'Half',
      summary: 'Half of it.',
      notes: 'The rest is missing.',
    }),
  ])

  const { outcome, verified } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ kind: 'partial', notes: 'The rest is missing.' })
  expect(verified).toBe(0)
})

test('a change that the agent committed itself is a change', async () => {
  const model = scriptedTurns([EDIT, call('bash', { command: 'git commit -qam polite' }), DONE])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('done')
})

test('what the setup left in the workspace is not taken for a change', async () => {
  const place = await openWorkspace(FILES)
  await place.sh('echo lock > installed.lock')
  const model = scriptedTurns([DONE])

  const { outcome } = await workOn(place, createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('partial')
})

test('a title that is too long is cut at a word', async () => {
  const title = `Greet ${'very '.repeat(20)}politely`
  const model = scriptedTurns([EDIT, call('finish', { outcome: 'done', title, summary: 'x' })])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome.title.length).toBeLessThanOrEqual(72)
  expect(outcome.title).toMatch(/very…$/)
})

test('the first claim that holds is answered with the whole diff, once, and that is no bounce', async () => {
  const withDiff = { ...PASSED, diff: `--- a/hello.txt\n+++ b/hello.txt\n${'+x\n'.repeat(20_000)}` }
  const better = call('bash', { command: 'echo better >> hello.txt' })
  const model = scriptedTurns([EDIT, DONE, better, DONE])

  const { outcome, events, verified } = await workOn(
    await openWorkspace(FILES),
    createBuiltinAgent({ model }),
    { reports: [withDiff] },
  )

  const result = JSON.stringify(model.asked[2]?.entries.at(-1))
  expect(result).toContain('as the reviewer who will have to maintain it')
  expect(result).toContain('--- a/hello.txt')
  expect(result).toContain('"status":"ok"')
  expect(result.length).toBeLessThan(45_000)
  expect(outcome).toMatchObject({ kind: 'done', totals: { turns: 4 } })
  expect(verified).toBe(2)
  expect(events.filter(({ type }) => type === 'finish.reviewed')).toMatchObject([
    { claim: 'done', verdict: 'self_review' },
    { claim: 'done', verdict: 'accepted' },
  ])
})

test('a run that goes on after a restart is not shown its diff again, and its bounces still count', async () => {
  const place = await openWorkspace(FILES)
  const report = { ...PASSED, diff: '+good morning' }
  const model = scriptedTurns([EDIT, DONE, DONE, DONE])
  const before = await workOn(place, createBuiltinAgent({ model }), { reports: [FAILED, report] })
  const reviewed = before.checkpoints.find(({ entries }) => JSON.stringify(entries).includes('+good morning'))
  const again = scriptedTurns([DONE])

  const { outcome } = await workOn(place, createBuiltinAgent({ model: again }), {
    reports: [report],
    ...(reviewed && { context: { resume: reviewed } }),
  })

  expect(JSON.stringify(reviewed)).toContain('Not finished yet.')
  expect(outcome).toMatchObject({ kind: 'done', totals: { turns: 1 } })
})

test('a suspicious change comes back once, and insisting is taken: the reviewer reads the same', async () => {
  const suspicious = {
    ...PASSED,
    warnings: ['`a.test.ts` is a test that was deleted'],
    report: 'Look: a.test.ts',
  }
  const model = scriptedTurns([EDIT, DONE])

  const { outcome, events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), {
    reports: [suspicious],
  })

  expect(JSON.stringify(model.asked[2]?.entries.at(-1))).toContain('Look: a.test.ts')
  expect(outcome).toMatchObject({ kind: 'done', totals: { turns: 3 } })
  expect(events.filter(({ type }) => type === 'finish.reviewed')).toMatchObject([
    { verdict: 'sent_back' },
    { verdict: 'accepted' },
  ])
})

test('nothing is sent back when only finish is left: the outcome is what the facts are', async () => {
  const limits = { steps: 2, minutes: 10, usd: 5, tokens: 1_000_000 }
  const work = async (report: typeof FAILED & { readonly diff?: string }) => {
    const place = await openWorkspace(FILES)
    return workOn(place, createBuiltinAgent({ model: scriptedTurns([EDIT, DONE]) }), {
      task: { limits },
      reports: [report],
    })
  }

  const failed = await work(FAILED)
  const held = await work({ ...PASSED, diff: '+x' })

  expect(failed.outcome).toMatchObject({ kind: 'partial', reason: 'Its own checks still fail.' })
  expect(held.outcome).toMatchObject({ kind: 'done', totals: { turns: 2 } })
})
