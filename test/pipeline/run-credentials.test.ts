import { expect, test } from 'vitest'
import { askOnIssue, createApi } from './api-repository.ts'
import { preparePipelines } from './pipeline-world.ts'

const startPipeline = preparePipelines()

test('tokens are for this repository only, die before the agent starts, and can write only after it ended', async () => {
  const { github, run } = await startPipeline({
    sandboxes: (provider) => ({ ...provider, kind: 'e2b', reachesGitHub: true }),
  })
  const { id } = await createApi(github)
  let duringAgent: { contents: string | undefined; revoked: boolean }[] = []
  const finished = await run({}, async ({ workspace }, { sandbox }) => {
    const scoped = github
      .tokens()
      .filter(({ permissions }) => permissions.issues === undefined || permissions.contents === 'write')
    duringAgent = scoped.map((token) => ({
      contents: token.permissions.contents,
      revoked: token.revokedAt !== undefined,
    }))
    const all =
      'env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -a backspace; cat .git/config; git remote -v; grep -ra "ghs_\\|x-access-token" ~ || true'
    const { stdout } = await sandbox.exec(all, { cwd: workspace, maxOutputBytes: 8_000_000 })
    for (const { token } of github.tokens()) {
      expect(stdout).not.toContain(token)
      expect(stdout).not.toContain(Buffer.from(`x-access-token:${token}`).toString('base64'))
    }
    await sandbox.exec('echo hi > README.md', { cwd: workspace })
    return {}
  })
  expect(finished.end).toMatchObject({ type: 'run.succeeded' })
  expect(duringAgent).toEqual([{ contents: 'read', revoked: true }])
  const writing = github.tokens().filter(({ permissions }) => permissions.contents === 'write')
  expect(writing).toHaveLength(1)
  expect(writing[0]).toMatchObject({ repositoryIds: [id], revokedAt: expect.any(Number) })
  for (const { token } of github.tokens()) expect(JSON.stringify(finished.events)).not.toContain(token)
})

test('a secret in the change blocks it, and is masked in every event', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const key = `ghp_${'a1B2'.repeat(9)}`
  const finished = await run({}, `echo 'token = "${key}"' > settings.ini`)
  expect(finished.end).toMatchObject({ type: 'run.failed', code: 'secret_found' })
  expect(JSON.stringify(finished.events)).not.toContain(key)
  expect(github.pullRequests('acme/api')).toEqual([])
})

test.each([
  ['who commented', askOnIssue],
  ['whose API token started it', async () => ({ requester: { login: 'laptop', owner: 'ada' } })],
])('nothing is published for a person, %s, who lost write access meanwhile', async (_, ask) => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const finished = await run(await ask(github), async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo hi > README.md', { cwd: workspace })
    github.setRole('acme/api', 'ada', 'read')
    return {}
  })
  expect(finished.end).toMatchObject({ type: 'run.failed', code: 'not_permitted' })
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
})

test('nothing is published when the comment that asked for it was deleted meanwhile (S9)', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const asked = await askOnIssue(github)
  const place = { repo: 'acme/api', number: asked.thread?.number ?? 0 }
  const { id, htmlUrl } = await github.comment({ ...place, author: 'ada', body: '/backspace say hello' })
  const comment = { id, kind: 'issue_comment', url: htmlUrl } as const
  const finished = await run({ ...asked, comment }, async ({ workspace }, { sandbox }) => {
    await sandbox.exec('echo hi > README.md', { cwd: workspace })
    await github.deleteComment({ id, author: 'ada' })
    return {}
  })
  expect(finished.end).toMatchObject({ type: 'run.failed', code: 'not_permitted' })
  expect(finished.run.ending?.message).toContain('was deleted while the run worked')
  expect(Object.keys(await github.branches('acme/api'))).toEqual(['main'])
})
