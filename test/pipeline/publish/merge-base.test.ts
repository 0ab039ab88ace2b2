import { expect, test } from 'vitest'
import { preparePipelines, type Work } from '../pipeline-world.ts'
import { CONFLICT, noAgent, REPO, startDiverged } from './diverged.ts'

const startPipeline = preparePipelines()

test('conflicts with main are resolved in a merge commit with two parents, and only the resolution is shown', async () => {
  const { github, run, headSha, mainSha, request, parentsOf, reports, errors, receiptOf } =
    await startDiverged(
      startPipeline,
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
  const { github, run, headSha, request } = await startDiverged(startPipeline, CONFLICT)
  const { end } = await run(
    request('fix the merge conflicts'),
    "sed -i '/^=======/d' f.txt; echo more >> t.txt",
  )
  expect(end).toMatchObject({ type: 'run.failed', code: 'publish_blocked' })
  expect(JSON.stringify(end)).toContain('`f.txt` line 2, 4, 7')
  expect((await github.branches(REPO)).topic).toBe(headSha)
})

test('a merge that leaves nothing to decide asks no model, and says so when there is nothing to merge', async () => {
  const { github, run, headSha, mainSha, request, parentsOf, reports } = await startDiverged(startPipeline, {
    main: { 'm.txt': 'm\n' },
    topic: { 't.txt': 't\n' },
  })
  const { end } = await run(request('Please rebase on main'), noAgent)
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const tip = (await github.branches(REPO)).topic ?? ''
  expect(await parentsOf(tip)).toEqual([headSha, mainSha])
  expect(reports[0]?.report).toContain('nothing was in conflict. Backspace merges instead of rebasing')
  expect(reports[0]?.report).toContain('No AI model was used: nothing was left to decide.')
  const again = await run(request('update the branch'), noAgent)
  expect(again.end).toMatchObject({ type: 'run.succeeded', outcome: 'answer' })
  expect(again.run.ending?.message).toBe(
    `\`topic\` is already up to date with \`main\` at ${mainSha.slice(0, 7)}.`,
  )
})

test('a merge may come to the tree of its base, and branches without a commit in common are not merged', async () => {
  const { github, run, headSha, mainSha, request, parentsOf, rootLike } = await startDiverged(startPipeline, {
    main: { 'f.txt': 'a\0MAIN' },
    topic: { 'f.txt': 'a\0TOPIC' },
  })
  const { end } = await run(request('resolve the conflicts'), 'git checkout -q base -- f.txt')
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const tip = (await github.branches(REPO)).topic ?? ''
  expect(await parentsOf(tip)).toEqual([headSha, mainSha])
  expect(await github.filesAt(REPO, 'topic')).toEqual(await github.filesAt(REPO, 'main'))
  await github.moveBranch({ repo: REPO, branch: 'topic', sha: await rootLike(tip) })
  expect((await run(request('resolve the conflicts'), noAgent)).end).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('`topic` and `main` have no commit in common'),
  })
})

test('a lock file in conflict is written again by its tool', async () => {
  const manifest = (more: string) => `{"name":"api","version":"1.0.0"${more}}\n`
  const lock = (name: string) => `{"name":"${name}","version":"1.0.0","lockfileVersion":3,"packages":{}}\n`
  const { github, run, request } = await startDiverged(startPipeline, {
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

test('a request for something else merges nothing, and the report says how to ask for it', async () => {
  const { github, run, headSha, request, parentsOf, reports } = await startDiverged(startPipeline, CONFLICT)
  const { end } = await run(request('Say more in t.txt'), 'echo more >> t.txt')
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  expect(await parentsOf((await github.branches(REPO)).topic ?? '')).toEqual([headSha])
  expect(reports[0]?.report).toContain(
    'is in conflict with `main`: comment `/backspace resolve the conflicts` to have it merged',
  )
})
