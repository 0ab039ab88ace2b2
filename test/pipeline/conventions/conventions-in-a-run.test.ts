import { expect, test } from 'vitest'
import type { RulesetRecord } from '../../stand-ins/github/records.ts'
import { type PipelineOptions, preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const EDIT = 'echo hello >> README.md'
const ALL = ['~ALL']
const NAMES: RulesetRecord = {
  id: 7,
  name: 'names',
  include: ALL,
  exclude: ['refs/heads/main'],
  rules: [
    {
      type: 'branch_name_pattern',
      parameters: { operator: 'regex', pattern: '^(feature|bugfix)/[\\w-]+$' },
    },
    { type: 'commit_message_pattern', parameters: { operator: 'regex', pattern: '^(feat|fix|docs): ' } },
    { type: 'required_status_checks', parameters: { do_not_enforce_on_create: true } },
  ],
}
/** The first prefix that the names allow needs what no new commit has. */
const CHECKED: RulesetRecord = {
  id: 8,
  name: 'checked',
  include: ['refs/heads/feature/*'],
  rules: [{ type: 'required_status_checks' }],
}
const CLOSED: RulesetRecord = { id: 9, name: 'closed', include: ALL, rules: [{ type: 'creation' }] }

async function startWith(
  files: Record<string, string>,
  rulesets: readonly RulesetRecord[] = [],
  options: PipelineOptions = {},
) {
  const pipeline = await startPipeline(options)
  await pipeline.github.createRepository({
    ...{ owner: 'acme', name: 'api', private: true, collaborators: { ada: 'write' } },
    files: { 'README.md': '# api\n', ...files },
    rulesets,
  })
  return pipeline
}

test('rules on names and messages are followed, the template is filled, and the model is disclosed', async () => {
  const files = {
    '.github/PULL_REQUEST_TEMPLATE.md': '## What\n<!-- why -->\n## Testing\n- [ ] I have tested it\n',
    'CONTRIBUTING.md': 'Please disclose code by AI with a trailer `Assisted-by: <tool>`.\n',
  }
  const { github, run } = await startWith(files, [NAMES, CHECKED])
  const { end } = await run({}, EDIT)
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.head).toMatch(/^bugfix\/[\w-]+$/)
  expect(pull?.title).toMatch(/^(?:feat|fix|docs): /)
  expect(pull?.body).toMatch(
    /### What\n\nIn the agent's words:\n\n> [\s\S]*### Testing\n[\s\S]*- \[ \] I have tested it/,
  )
  expect(pull?.body).not.toContain('<!-- why')
  expect(pull?.body).toContain('Disclosure, as `CONTRIBUTING.md` asks')
})

const BAN = 'We do not accept AI-generated contributions.'

test.each([
  {
    what: 'a rule that lets no one create branches',
    files: {},
    rulesets: [CLOSED],
    code: 'branch_protected',
    said: 'it restricts who creates branches',
  },
  {
    what: 'a ban of AI',
    files: { 'CONTRIBUTING.md': `${BAN}\n` },
    rulesets: [],
    code: 'publish_blocked',
    said: BAN,
  },
])('$what ends the run before a sandbox begins, and says what to do', async ({
  files,
  rulesets,
  code,
  said,
}) => {
  const { github, run } = await startWith({ ...files }, rulesets)
  const { end, events } = await run({}, EDIT)
  expect(end).toMatchObject({ type: 'run.failed', code })
  expect(JSON.stringify(end)).toContain(said)
  expect(events.filter(({ type }) => type === 'step.started')).toEqual([])
  expect(github.pullRequests('acme/api')).toEqual([])
})

test('who may bypass the rules is not held up, and maintainers may set a prefix and want runs', async () => {
  const files = {
    '.github/backspace.yml': 'ai-policy: ignore\nbranch-prefix: bots/\n',
    'CONTRIBUTING.md': 'AI-generated contributions are banned.\n',
  }
  const { github, run } = await startWith(files, [{ ...CLOSED, bypass: true }])
  expect((await run({}, EDIT)).end).toMatchObject({ type: 'run.succeeded' })
  expect(github.pullRequests('acme/api')[0]?.head).toMatch(/^bots\//)
})

const PUSHES: RulesetRecord = {
  id: 11,
  name: 'pushes',
  target: 'push',
  rules: [
    { type: 'file_extension_restriction', parameters: { restricted_file_extensions: ['*.exe'] } },
    { type: 'file_path_restriction', parameters: { restricted_file_paths: ['infra/**/*'] } },
    { type: 'max_file_path_length', parameters: { max_file_path_length: 60 } },
    { type: 'max_file_size', parameters: { max_file_size: 1 } },
  ],
}

test('the agent reads what no push may bring in, and what it makes of that is left out and named', async () => {
  const { github, run } = await startWith({}, [PUSHES])
  let told: readonly string[] = []
  const { end } = await run({}, async ({ conventions = [], workspace: cwd }, { sandbox }) => {
    told = conventions
    const long = `${'long/'.repeat(12)}a.txt`
    const script = `${EDIT}; echo a > a.exe; mkdir -p infra ${'long/'.repeat(12)}; echo b > infra/b.tf; echo c > ${long}`
    await sandbox.exec(`${script}; yes | head -c 1500000 > large.txt`, { cwd })
    return {}
  })
  expect(told.join()).toContain('what matches `infra/**/*`; files that end in `.exe`; paths of more than')
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(Object.keys(await github.filesAt('acme/api', pull?.head ?? ''))).toEqual(['README.md'])
  expect(pull?.body).toContain('`a.exe` may not be pushed here: a ruleset refuses files that end in `.exe`')
  expect(pull?.body).toContain('a ruleset protects `infra/**/*`')
})

test('what an owner says for all repositories counts, wishes of the words are kept, and no file is read twice', async () => {
  const read: string[] = []
  const watch: PipelineOptions['watch'] = async ({ when, path }) => {
    if (when === 'after' && path.includes('/acme/api/contents/')) read.push(path)
    return 'go on'
  }
  const files = {
    'CHANGELOG.md': '# Changelog\n\n## Unreleased\n',
    'AGENTS.md': 'Be kind.\n',
    '.github/backspace.yml': 'branch-prefix: bots/\n',
    '.gitattributes': '* text=auto\n',
  }
  const { github, run } = await startWith(files, [], { watch })
  await github.createRepository({
    ...{ owner: 'acme', name: '.github' },
    files: {
      'docs/CONTRIBUTING.md':
        'Every commit must be signed off. Please add an entry to the changelog for each change.\n',
      'PULL_REQUEST_TEMPLATE.md': '## What and why\n',
    },
  })
  let told: readonly string[] = []
  await run({}, async ({ conventions = [], workspace: cwd }, { sandbox }) => {
    told = conventions
    await sandbox.exec(EDIT, { cwd })
    return {}
  })
  expect(told).toEqual([
    '`acme/.github/docs/CONTRIBUTING.md` asks for an entry in `CHANGELOG.md`: for a change that users notice, add one below its heading for what is not released yet, written like those there',
  ])
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.body).toContain("### What and why\n\nIn the agent's words:")
  expect(pull?.body).toContain('Sign-off: `acme/.github/docs/CONTRIBUTING.md` asks for one')
  expect(read.map((path) => path.split('/contents/')[1]).sort()).toEqual([
    '.gitattributes',
    '.github/backspace.yml',
    'AGENTS.md',
    'README.md',
  ])
})
