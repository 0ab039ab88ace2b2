import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import type { RunRequest } from '../../../src/runs/run.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { call, DONE, scriptedTurns } from '../../agent/support/scripted-turns.ts'
import { quietOctokit } from '../../stand-ins/github/checked-octokit.ts'
import { type PipelineOptions, preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()
const REPO = 'acme/api'

const FILES = {
  'f.txt': 'a\nb\nc\n',
  'both.txt': '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
  'gone.txt': 'x\n',
  'check.sh': 'test "$(cat f.txt | wc -l)" -ge 3 && test ! -e broken\n',
  '.github/backspace.yml': 'checks: ["sh check.sh"]\n',
  '.github/workflows/ci.yml': 'on: push\n',
}

interface Sides {
  readonly main?: Readonly<Record<string, string | null>>
  readonly topic?: Readonly<Record<string, string | null>>
}

/** A pull request from `topic`, whose base has moved. */
async function startDiverged({ main = {}, topic = {} }: Sides, options: PipelineOptions = {}) {
  const world = await startPipeline(options)
  const { github } = world
  await github.createRepository({ owner: 'acme', name: 'api', files: FILES, collaborators: { ada: 'write' } })
  await github.pushFiles({ repo: REPO, branch: 'topic', author: 'ada', files: topic })
  const { number } = await github.openPullRequest({ repo: REPO, author: 'ada', title: 'T', head: 'topic' })
  const headSha = (await github.branches(REPO)).topic ?? ''
  if (Object.keys(main).length > 0) {
    await github.pushFiles({ repo: REPO, branch: 'main', author: 'ada', files: main })
  }
  const mainSha = (await github.branches(REPO)).main ?? ''
  const thread = { kind: 'pull_request', number, title: 'T', body: '', author: 'ada', url: '' } as const
  const request = (prompt: string): Partial<RunRequest> => ({ trigger: 'comment', thread, prompt })
  const auth = { token: github.createPat({ login: 'ada' }) }
  const ada = quietOctokit({ apiUrl: github.apiUrl, auth })
  async function parentsOf(sha: string): Promise<readonly string[]> {
    const { data } = await ada.rest.git.getCommit({ owner: 'acme', repo: 'api', commit_sha: sha })
    return data.parents.map((parent) => parent.sha)
  }
  return { ...world, headSha, mainSha, request, parentsOf }
}

const CONFLICT: Sides = {
  main: {
    'f.txt': 'a\nMAIN\nc\n',
    'both.txt': '1\n2\n3\n4\n5\n6\n7\n8\nnine\n',
    '.github/workflows/ci.yml': 'on: [push]\n',
    'm.txt': 'm\n',
  },
  topic: {
    'f.txt': 'a\nTOPIC\nc\n',
    'both.txt': 'one\n2\n3\n4\n5\n6\n7\n8\n9\n',
    'gone.txt': null,
    't.txt': 't\n',
  },
}

test('conflicts with main are resolved in a merge commit with two parents, and only the resolution is shown', async () => {
  const { github, run, headSha, mainSha, request, parentsOf, reports, errors, receiptOf } =
    await startDiverged(
      { ...CONFLICT, main: { ...CONFLICT.main, 'gone.txt': 'y\n' } },
      {
        verify: { mode: 'full', minutes: 5 },
        sandboxes: (provider) => ({ ...provider, reachesGitHub: true }),
      },
    )
  const seen: string[] = []
  const work: Work = async ({ workspace, merge, history }, { sandbox, verify }) => {
    const look = `cat f.txt both.txt; git status --porcelain; git rev-parse HEAD head base; git log --merge --format=%s -- f.txt | wc -l; ls`
    seen.push((await sandbox.exec(look, { cwd: workspace })).stdout, merge?.conflicts ?? '', history ?? '')
    const early = await verify?.()
    seen.push(early?.refused ?? '')
    await sandbox.exec("printf 'a\\nMAIN and TOPIC\\nc\\n' > f.txt; rm gone.txt", { cwd: workspace })
    expect(await verify?.()).toMatchObject({ ok: true })
    return { title: 'Keep both words', summary: 'Both words are kept.' }
  }
  const { end, events, run: ended } = await run(request('resolve the conflicts with main'), work)
  expect(errors).toEqual([])
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const [look = '', conflicts, history, refused] = seen
  expect(look.split('\n')).toEqual([
    ...[
      'a',
      '<<<<<<< head',
      'TOPIC',
      expect.stringMatching(/^\|{7}/),
      'b',
      '=======',
      'MAIN',
      '>>>>>>> base',
      'c',
    ],
    ...['one', '2', '3', '4', '5', '6', '7', '8', 'nine'],
    ...['M  .github/workflows/ci.yml', 'M  both.txt', 'UU f.txt', 'DU gone.txt', 'A  m.txt'],
    ...[headSha, headSha, mainSha, '2'],
    ...['both.txt', 'check.sh', 'f.txt', 'gone.txt', 'm.txt', 't.txt', ''],
  ])
  expect(conflicts).toMatch(/^f\.txt: markers\ngone\.txt: no markers\. CONFLICT \(modify\/delete\)/)
  expect(history).toContain('main is there as well')
  expect(refused).toContain('`f.txt` line 2, 4, 6, 8')
  const tip = (await github.branches(REPO)).topic ?? ''
  expect(await parentsOf(tip)).toEqual([headSha, mainSha])
  expect(await github.fileAt(REPO, 'topic', 'f.txt')).toBe('a\nMAIN and TOPIC\nc\n')
  expect(await github.fileAt(REPO, 'topic', 'both.txt')).toBe('one\n2\n3\n4\n5\n6\n7\n8\nnine\n')
  expect(await github.fileAt(REPO, 'topic', 'm.txt')).toBe('m\n')
  expect(await github.fileAt(REPO, 'topic', '.github/workflows/ci.yml')).toBe('on: [push]\n')
  expect(await github.fileAt(REPO, 'topic', 'gone.txt')).toBeUndefined()
  const changes = events.find(({ type }) => type === 'changes.collected')
  expect(changes).toMatchObject({ files: [{ path: 'f.txt' }, { path: 'gone.txt', status: 'deleted' }] })
  expect(reports[0]?.report).toContain(
    `Merged main at ${mainSha.slice(0, 7)}; resolved 2 files: \`f.txt\`, \`gone.txt\`.`,
  )
  expect(ended.ending?.message).toContain(`Merge main at ${mainSha.slice(0, 7)}, resolving 2 files`)
  expect(await receiptOf(ended.id)).toMatchObject({
    verdict: 'valid',
    statement: {
      subject: [{ digest: { gitCommit: tip } }, {}],
      predicate: {
        base: { commit: mainSha },
        files: expect.arrayContaining([expect.objectContaining({ path: 't.txt', status: 'added' })]),
      },
    },
  })
  const verified = events.find(({ type }) => type === 'verification.finished')
  expect(verified).toMatchObject({ verification: { mode: 'checks' } })
})

test('a merge with markers left is not published, and the reason names file and line', async () => {
  const { github, run, headSha, request } = await startDiverged(CONFLICT)
  const { end } = await run(
    request('fix the merge conflicts'),
    "sed -i '/^=======/d' f.txt; echo more >> t.txt",
  )
  expect(end).toMatchObject({ type: 'run.failed', code: 'publish_blocked' })
  expect(JSON.stringify(end)).toContain('`f.txt` line 2, 4, 7')
  expect((await github.branches(REPO)).topic).toBe(headSha)
})

const noAgent: Work = async () => {
  throw new Error('no model is needed')
}

test('a merge that leaves nothing to decide asks no model, and says so when there is nothing to merge', async () => {
  const { github, run, headSha, mainSha, request, parentsOf, reports } = await startDiverged({
    main: { 'm.txt': 'm\n' },
    topic: { 't.txt': 't\n' },
  })
  const { end } = await run(request('Please rebase on main'), noAgent)
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const tip = (await github.branches(REPO)).topic ?? ''
  expect(await parentsOf(tip)).toEqual([headSha, mainSha])
  expect(reports[0]?.report).toContain('nothing was in conflict. Backspace merges instead of rebasing')
  const again = await run(request('update the branch'), noAgent)
  expect(again.end).toMatchObject({ type: 'run.succeeded', outcome: 'answer' })
  expect(again.run.ending?.message).toBe(
    `\`topic\` is already up to date with \`main\` at ${mainSha.slice(0, 7)}.`,
  )
})

test('a lock file in conflict is written again by its tool', async () => {
  const manifest = (more: string) => `{"name":"api","version":"1.0.0"${more}}\n`
  const lock = (name: string) => `{"name":"${name}","version":"1.0.0","lockfileVersion":3,"packages":{}}\n`
  const { github, run, request } = await startDiverged({
    main: { 'package-lock.json': lock('main'), 'package.json': manifest(',"license":"MIT"') },
    topic: { 'package-lock.json': lock('topic') },
  })
  const { end, events } = await run(request('resolve the conflicts'), noAgent)
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const said = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []))
  expect(said).toContain('`package-lock.json` was in conflict and was written again by its tool.')
  const written = await github.fileAt(REPO, 'topic', 'package-lock.json')
  expect(JSON.parse(written ?? '')).toMatchObject({ name: 'api', packages: { '': { license: 'MIT' } } })
})

test('a merge is published once, however the attempt dies, and never on top of a branch that moved', async () => {
  const { github, run, runAgain, headSha, mainSha, request, parentsOf } = await startDiverged(CONFLICT)
  const stop = new AbortController()
  let runId = ''
  const resolve = "printf 'a\\nBOTH\\nc\\n' > f.txt"
  const died = run(
    request('resolve the conflicts with main'),
    async (task, { sandbox }) => {
      runId = task.runId
      await sandbox.exec(resolve, { cwd: task.workspace })
      const dead = Promise.withResolvers<void>()
      const last = github.fail({
        method: 'PATCH',
        path: /\/git\/refs\//,
        when: 'after',
        drop: true,
        until: dead.promise,
      })
      void github
        .waitFor(() => last.hits === 1)
        .then(() => stop.abort(new RunReleased()))
        .then(dead.resolve)
      return {}
    },
    stop.signal,
  )
  await expect(died).rejects.toBeInstanceOf(RunReleased)
  const tip = (await github.branches(REPO)).topic ?? ''
  await github.pushFiles({ repo: REPO, branch: 'topic', author: 'ada', files: { 'later.txt': 'l\n' } })
  expect((await runAgain(runId, noAgent)).run).toMatchObject({ status: 'succeeded' })
  expect(await parentsOf(tip)).toEqual([headSha, mainSha])
  expect(await github.fileAt(REPO, 'topic', 'later.txt')).toBe('l\n')

  await github.pushFiles({ repo: REPO, branch: 'main', author: 'ada', files: { 'f.txt': 'a\nAGAIN\nc\n' } })
  const { end } = await run(
    request('resolve the conflicts with main'),
    async ({ workspace }, { sandbox }) => {
      await sandbox.exec(resolve, { cwd: workspace })
      await github.pushFiles({ repo: REPO, branch: 'topic', author: 'ada', files: { 'n.txt': 'n\n' } })
      return {}
    },
  )
  expect(end).toMatchObject({ type: 'run.failed', code: 'head_moved' })
})

test('a merge goes on in another sandbox, from what was resolved', async () => {
  const turns = [call('bash', { command: "printf 'a\\nBOTH\\nc\\n' > f.txt" }), DONE, DONE]
  const made: Sandbox[] = []
  const { github, run, runAgain, log, parentsOf, headSha, mainSha, request } = await startDiverged(CONFLICT, {
    agent: createBuiltinAgent({ model: scriptedTurns(turns) }),
    sandboxes: (provider) => ({
      ...provider,
      async create(options) {
        const sandbox = await provider.create(options)
        made.push(sandbox)
        return sandbox
      },
    }),
  })
  const stop = new AbortController()
  let runId = ''
  const forget = log.onAppend((event) => {
    runId = event.runId
    if (event.type === 'step.started' && event.step === 'collect') stop.abort(new RunReleased())
  })
  await expect(run(request('resolve conflicts'), '', stop.signal)).rejects.toBeInstanceOf(RunReleased)
  forget()
  await made[0]?.kill()
  await github.pushFiles({ repo: REPO, branch: 'main', author: 'ada', files: { 'new.txt': 'n\n' } })
  const { end, run: ended } = await runAgain(runId, '')
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  expect(await parentsOf((await github.branches(REPO)).topic ?? '')).toEqual([headSha, mainSha])
  expect(await github.fileAt(REPO, 'topic', 'f.txt')).toBe('a\nBOTH\nc\n')
  expect(ended.attempt).toBe(2)
})
