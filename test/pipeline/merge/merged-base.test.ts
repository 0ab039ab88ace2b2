import { expect, test } from 'vitest'
import { attributesOf } from '../../../src/pipeline/clone/merge-attributes.ts'
import { lockCommand } from '../../../src/pipeline/merge/lock-commands.ts'
import { quietOctokit } from '../../stand-ins/github/checked-octokit.ts'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()
const API = { owner: 'acme', repo: 'api' }

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
    '.gitmodules': ['kept', 'both']
      .map((name) => `[submodule "${name}"]\n\tpath = ${name}\n\turl = ../lib.git\n`)
      .join(''),
  })
  const ada = quietOctokit({ apiUrl: github.apiUrl, auth: { token: github.createPat({ login: 'ada' }) } })
  await github.createRepository({ owner: 'acme', name: 'lib', files: { v: '1\n' } })
  const [v1, v2, v3] = [await libAt('1\n'), await libAt('2\n'), await libAt('3\n')]
  await links('main', { kept: v1, both: v1 })
  const asked = await askOnPullRequest(github)
  const push = (branch: string, files: Record<string, string>) =>
    github.pushFiles({ repo: 'acme/api', branch, author: 'ada', files })
  const both = (line: string) => ({ CHANGES: `${line}\nfirst\n`, 'docs/a/x.log': `${line}\nfirst\n` })
  await push('topic', { ...both('topic'), 'requirements.txt': 'one\ntwo\n' })
  await push('main', both('main'))
  await links('topic', { kept: v2, both: v2 })
  await links('main', { both: v3 })
  let seen = ''
  const prompt = 'Resolve the conflicts with main, and say what is installed'
  const { end, events } = await run({ ...asked, prompt }, async ({ workspace: cwd, merge }, { sandbox }) => {
    const script = 'cat installed.txt kept/v both/v; git status --porcelain -uall | grep installed || true'
    seen = `${(await sandbox.exec(script, { cwd })).stdout}${merge?.note}`
    return { kind: 'no_change', summary: 'Two.' }
  })
  expect(end).toMatchObject({ type: 'run.succeeded' })
  expect(seen).toMatch(/^one\ntwo\n2\n3\nThe host has begun/)
  expect(seen).toContain('Nothing is in conflict any more')
  expect(seen).toContain('What is installed is what the merged manifests ask for')
  expect(JSON.stringify(events)).toContain(
    'The merge changes `requirements.txt`, so dependencies were installed again.',
  )
  expect(await github.fileAt('acme/api', 'topic', 'CHANGES')).toBe('topic\nmain\nfirst\n')
  expect(await github.fileAt('acme/api', 'topic', 'docs/a/x.log')).toBe('topic\nmain\nfirst\n')
  expect(await github.fileAt('acme/api', 'topic', 'installed.txt')).toBeUndefined()
  const tip = (await ada.rest.git.getTree({ ...API, tree_sha: 'topic' })).data.tree
  const linked = tip.flatMap(({ path, mode, sha }) => (mode === '160000' ? [[path, sha]] : []))
  expect(Object.fromEntries(linked)).toEqual({ kept: v2, both: v3 })

  /** Commits of submodules. */
  async function links(branch: string, of: Readonly<Record<string, string>>): Promise<void> {
    const parent = (await github.branches('acme/api'))[branch] ?? ''
    const tree = Object.entries(of).map(([path, sha]) => {
      return { path, sha, mode: '160000', type: 'commit' } as const
    })
    const base_tree = (await ada.rest.git.getCommit({ ...API, commit_sha: parent })).data.tree.sha
    const made = await ada.rest.git.createTree({ ...API, base_tree, tree })
    const what = { message: 'Links', tree: made.data.sha, parents: [parent] }
    const { sha } = (await ada.rest.git.createCommit({ ...API, ...what })).data
    await github.moveBranch({ repo: 'acme/api', branch, sha })
  }

  async function libAt(v: string): Promise<string> {
    if (v !== '1\n') await github.pushFiles({ repo: 'acme/lib', branch: 'main', author: 'ada', files: { v } })
    return (await github.branches('acme/lib')).main ?? ''
  }
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
