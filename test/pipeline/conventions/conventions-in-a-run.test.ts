import { expect, test } from 'vitest'
import type { RulesetRecord } from '../../stand-ins/github/records.ts'
import { preparePipelines } from '../pipeline-world.ts'

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
  ],
}
const CLOSED: RulesetRecord = { id: 9, name: 'closed', include: ALL, rules: [{ type: 'creation' }] }

async function startWith(files: Record<string, string>, rulesets: readonly RulesetRecord[] = []) {
  const pipeline = await startPipeline()
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
  const { github, run } = await startWith(files, [NAMES])
  const { end } = await run({}, EDIT)
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.head).toMatch(/^feature\/[\w-]+$/)
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
