import { expect, test } from 'vitest'
import { attributesOf } from '../../../src/pipeline/clone/merge-attributes.ts'
import { lockCommand } from '../../../src/pipeline/merge/lock-commands.ts'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

test('attributes of the base say how files are merged, and what the merge asks for is installed', async () => {
  const { github, run } = await startPipeline()
  const setup = 'cp requirements.txt installed.txt'
  await createApi(github, {
    '.github/backspace.yml': `setup: ['${setup}']\nchecks: []\n`,
    '.gitattributes': 'CHANGES merge=union\n',
    'docs/.gitattributes': '*.log merge=union\n',
    CHANGES: 'first\n',
    'docs/a/x.log': 'first\n',
    'requirements.txt': 'one\n',
  })
  const asked = await askOnPullRequest(github)
  const push = (branch: string, files: Record<string, string>) =>
    github.pushFiles({ repo: 'acme/api', branch, author: 'ada', files })
  const both = (line: string) => ({ CHANGES: `${line}\nfirst\n`, 'docs/a/x.log': `${line}\nfirst\n` })
  await push('topic', { ...both('topic'), 'requirements.txt': 'one\ntwo\n' })
  await push('main', both('main'))
  let seen = ''
  const prompt = 'Resolve the conflicts with main, and say what is installed'
  const { end, events } = await run({ ...asked, prompt }, async ({ workspace: cwd, merge }, { sandbox }) => {
    const script = 'cat installed.txt; git status --porcelain -uall | grep installed || true'
    seen = `${(await sandbox.exec(script, { cwd })).stdout}${merge?.note}`
    return { kind: 'no_change', summary: 'Two.' }
  })
  expect(end).toMatchObject({ type: 'run.succeeded' })
  expect(seen).toMatch(/^one\ntwo\nThe host has begun/)
  expect(seen).toContain('Nothing is in conflict any more')
  expect(seen).toContain('What is installed is what the merged manifests ask for')
  expect(JSON.stringify(events)).toContain(
    'The merge changes `requirements.txt`, so dependencies were installed again.',
  )
  expect(await github.fileAt('acme/api', 'topic', 'CHANGES')).toBe('topic\nmain\nfirst\n')
  expect(await github.fileAt('acme/api', 'topic', 'docs/a/x.log')).toBe('topic\nmain\nfirst\n')
  expect(await github.fileAt('acme/api', 'topic', 'installed.txt')).toBeUndefined()
})

test('attributes of folders count below them, and what is deeper counts more', () => {
  const files = [
    { path: 'a/b/.gitattributes', text: '/x.txt -merge\n"y z" merge=union' },
    { path: '.gitattributes', text: '[attr]gen -merge\n# no\n\n*.po merge=union\n' },
    { path: 'a/.gitattributes', text: '*.po gen\nsub/*.po merge\n[attr]other text\ndir/ gen' },
    { path: 'odd name/.gitattributes', text: '* -merge' },
  ]
  expect(attributesOf(files)).toBe(
    '[attr]gen -merge\n*.po merge=union\na/**/*.po gen\na/sub/*.po merge\na/**/dir/ gen\na/b/x.txt -merge\n"a/b/**/y z" merge=union\n',
  )
})

test.each([
  ['package-lock.json', /^npm install --package-lock-only --ignore-scripts/],
  ['web/pnpm-lock.yaml', /^pnpm install --lockfile-only --ignore-scripts/],
  ['yarn.lock', /1\.\*\) yarn install --ignore-scripts.*--mode=update-lockfile/],
  ['bun.lock', /^bun install --lockfile-only/],
  ['uv.lock', /^uv lock$/],
  ['poetry.lock', /^poetry lock/],
  ['crates/Cargo.lock', /^cargo update --workspace$/],
  ['go.sum', /^go mod tidy$/],
  ['composer.lock', /^composer update --minimal-changes --no-install --no-scripts/],
  ['.pnp.cjs', /^yarn install --mode=skip-build$/],
  ['Gemfile.lock', /^bundle lock$/],
  ['api/deno.lock', /^deno install --lockfile-only --frozen=false/],
])('%s is written again by its own tool, which installs nothing', (path, command) => {
  expect(lockCommand(path)).toMatch(command)
})

test.each([
  'src/lock.json',
  'package-lock.json.md',
  'yarn.lock/x',
  'constructor',
])('%s is no lock file', (path) => {
  expect(lockCommand(path)).toBeUndefined()
})
