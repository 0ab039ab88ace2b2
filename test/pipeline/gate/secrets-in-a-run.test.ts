import { expect, test } from 'vitest'
import type { VerifyReport } from '../../../src/agent/agent.ts'
import { findSecrets } from '../../../src/secrets/find-secrets.ts'
import { askOnIssue, askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const TOKEN = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`
const THREE_FILES = `
mkdir -p test/fixtures
echo hi > README.md
printf 'import os\\ntoken = "${TOKEN}"\\n' > settings.py
echo 'uses settings' > app.py`
const RULE = findSecrets(TOKEN, { knownSecrets: [] })[0]?.rule ?? ''

test('of three files with one secret two are published as a draft, with the reason, the line and the rule', async () => {
  const { github, run, reports, audited } = await startPipeline()
  await createApi(github)
  const { events, end } = await run(await askOnIssue(github), THREE_FILES)
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: true })
  const [pull] = github.pullRequests('acme/api')
  const published = Object.keys(await github.filesAt('acme/api', pull?.headSha ?? ''))
  expect(published.sort()).toEqual(['README.md', 'app.py', 'gone.txt'])
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'README.md')).toBe('hi\n')
  expect(pull?.body).toMatch(/Left out, because of what looks like a secret: .*`settings\.py` line 2/)
  expect(pull?.body).toContain('`secrets.allow` in `.github/backspace.yml`')
  const [report] = reports
  expect(report?.keptDiff).toContain('+++ b/settings.py')
  expect(report?.keptDiff).toContain('+import os')
  expect(report?.keptDiff).toContain('[redacted]')
  expect(report?.notes?.join()).toContain('`settings.py` line 2')
  expect(JSON.stringify([report, events, pull])).not.toContain(TOKEN.slice(4, 20))
  const gate = events.find((event) => event.type === 'step.finished' && event.step === 'gate')
  expect(gate).toMatchObject({ message: 'Safety gate passed (2 files, 1 file withheld, opened as a draft)' })

  const refused = await run({}, 'mkdir gen; cd gen; seq 401 | xargs touch')
  expect(refused.end).toMatchObject({ type: 'run.failed', code: 'change_too_large' })
  expect(await audited(refused.run.id)).toContain('gate.refused')
})

test('the agent gets the line and the rule before it ends, and a repaired file is published', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const verdicts: VerifyReport[] = []
  await run({}, async ({ workspace }, { sandbox, verify }) => {
    await sandbox.exec(THREE_FILES, { cwd: workspace })
    verdicts.push(await verify())
    await sandbox.exec(`echo 'token = os.environ["TOKEN"]' > settings.py`, { cwd: workspace })
    verdicts.push(await verify())
    return {}
  })
  expect(verdicts.map(({ warnings }) => warnings)).toEqual([
    [expect.stringMatching(/`settings\.py` line 2 \(`[a-z-]+`\): the file is left out.*environment/)],
    [],
  ])
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.draft).toBe(false)
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'settings.py')).toContain('os.environ')
})

const ALLOWING = `secrets:\n  allow:\n    - path: "**/settings.py"\n      rule: ${RULE}\n    - path: docs/**\n`

test('what the base commit allows is published and said; the change itself can allow nothing', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, { '.github/backspace.yml': ALLOWING })
  const allowed = await run({}, `${THREE_FILES}\ngit rm -q .github/backspace.yml`)
  expect(allowed.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const [pull] = github.pullRequests('acme/api')
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'settings.py')).toContain(TOKEN)
  expect(pull?.body).toMatch(
    /is allowed by `\.github\/backspace\.yml`: .*`settings\.py` line 2 \(`github-[a-z-]+`\)/,
  )
  const notices = allowed.events.filter((event) => event.type === 'notice')
  expect(notices).toEqual([
    expect.objectContaining({ level: 'warning', message: expect.stringContaining('Entry 2') }),
  ])
})

test('a branch of a pull request cannot allow its own secrets', async () => {
  const { github, run } = await startPipeline()
  await createApi(github)
  const request = await askOnPullRequest(github)
  const files = { '.github/backspace.yml': ALLOWING }
  await github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files })
  const { end } = await run(request, THREE_FILES)
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const head = github.pullRequests('acme/api')[0]?.head ?? ''
  expect(await github.fileAt('acme/api', head, 'app.py')).toBe('uses settings\n')
  expect(await github.fileAt('acme/api', head, 'settings.py')).toBeUndefined()
})

test('no word that is published holds a secret that the agent wrote, and none is cut off by a mask', async () => {
  const { github, run, reports } = await startPipeline()
  await createApi(github)
  const { events, run: done } = await run(
    await askOnIssue(github),
    async ({ workspace }, { sandbox, emit }) => {
      await sandbox.exec('echo hi > README.md', { cwd: workspace })
      emit({ type: 'agent.message', text: `I use\n${TOKEN}` })
      return {
        title: `Use ${TOKEN} for everything that the service asks of others`,
        summary: `Keys that begin with \`-----BEGIN PRIVATE KEY-----\` are accepted.\n\n${'word '.repeat(3990)}${TOKEN}`,
        notes: `See https://ada:${TOKEN}@example.net.`,
      }
    },
  )
  const [pull] = github.pullRequests('acme/api')
  const [branch = ''] = Object.keys(await github.branches('acme/api')).filter((name) => name !== 'main')
  expect(pull?.title).toMatch(/^Use \[redacted\] for/)
  expect(branch).toMatch(/^backspace\/\d+-use-redacted-for/)
  for (const part of ['### Checks', '### Files', 'Closes #', 'Requested by'])
    expect(pull?.body).toContain(part)
  const commit = await github.commit('acme/api', pull?.headSha ?? '')
  const said = JSON.stringify([pull, branch, commit, reports, events, done])
  expect(JSON.stringify(commit)).toContain('Use [redacted] for')
  expect(said).not.toContain(TOKEN.slice(4, 14))
})
