import { expect, test } from 'vitest'
import { createDummyAgent } from '../../../src/agent/dummy/dummy-agent.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { type WorkOptions, workOn } from '../support/work-on.ts'

const FILES = {
  'src/greet.js': 'export function greetVisitor(name) {\n  return "hello " + name\n}\n',
  'test/greet.test.js': "import { greetVisitor } from '../src/greet.js'\n",
  'README.md': '# Greeter\n\ngreetVisitor greets a visitor.\n',
  'package.json': '{"name":"greeter","scripts":{"test":"node --test"}}\n',
  '.github/CODEOWNERS': '* @acme/all\n/src/ @acme/core\n',
}

const DIFF = [
  '--- a/src/greet.js',
  '+++ b/src/greet.js',
  '@@ -1,3 +1,3 @@',
  ' export function greetVisitor(name) {',
  '-  return "hello " + name',
  '+  return "good morning " + name',
  ' }',
].join('\n')

const block = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``

async function dummyOn(files: Readonly<Record<string, string>>, options: WorkOptions) {
  const place = await openWorkspace(files)
  return { place, ...(await workOn(place, createDummyAgent(), options)) }
}

test('a diff in the request is applied, checked, and said to be without a model', async () => {
  const { place, outcome, verified, events } = await dummyOn(FILES, {
    task: { prompt: `Please apply this:\r\n\r\n${block('diff', DIFF)}`, whyNoModel: ['no key is set.'] },
  })

  expect(await place.read('src/greet.js')).toContain('good morning')
  expect(outcome).toMatchObject({ kind: 'done', totals: { turns: 0, models: ['dummy'] } })
  expect(outcome.summary).toMatch(
    /^No AI model was used: no key is set\. Applied the change written in the request\./,
  )
  expect(outcome.summary).toContain('`src/greet.js`')
  expect(verified).toBe(1)
  expect(await place.sh('git status --porcelain')).toBe('M src/greet.js')
  expect(events.some(({ type }) => type === 'model.turn')).toBe(false)
  expect(events.filter(({ type }) => type === 'agent.plan')).toHaveLength(3)
})

test('a diff as people write them is applied too', async () => {
  const sloppy = [
    '--- src/greet.js',
    '+++ src/greet.js',
    '@@ -1,9 +1,9 @@',
    ' export function greetVisitor(name) {',
    '-  return "hello " + name',
    '+  return "hi " + name',
  ].join('\n')

  const { place, outcome } = await dummyOn(FILES, { task: { prompt: block('patch', sloppy) } })

  expect(outcome.kind).toBe('done')
  expect(await place.read('src/greet.js')).toContain('"hi " + name')
})

test('files and suggestions in a trusted thread are applied', async () => {
  const body = [
    block('js path=src/new.js', 'export const one = 1'),
    block('suggestion path=src/greet.js lines=2', '  return "hi " + name'),
  ].join('\n\n')
  const thread = {
    kind: 'issue',
    number: 3,
    title: 'Greet shorter',
    body,
    author: 'bob',
    trusted: true,
  } as const

  const { place, outcome } = await dummyOn(FILES, { task: { prompt: 'do it', thread } })

  expect(outcome).toMatchObject({ kind: 'done', title: 'Greet shorter' })
  expect(await place.read('src/new.js')).toBe('export const one = 1\n')
  expect(await place.read('src/greet.js')).toBe(
    'export function greetVisitor(name) {\n  return "hi " + name\n}\n',
  )
})

test('what an outsider wrote into the thread is not applied', async () => {
  const body = block('diff', DIFF)
  const thread = { kind: 'issue', number: 3, title: 'Rude', body, author: 'eve', trusted: false } as const

  const { place, outcome } = await dummyOn(FILES, { task: { prompt: 'have a look', thread } })

  expect(outcome.kind).toBe('triage')
  expect(await place.sh('git status --porcelain')).toBe('')
})

test('a diff that does not apply ends in a triage that says why', async () => {
  const { outcome, place } = await dummyOn(FILES, {
    task: { prompt: block('diff', DIFF.replace('hello', 'other')) },
  })

  expect(outcome.kind).toBe('triage')
  expect(outcome.summary).toContain('could not be applied')
  expect(outcome.summary).toContain('patch failed')
  expect(await place.sh('git status --porcelain')).toBe('')
})

test('of several changes those that apply are kept, and the others are named', async () => {
  const { outcome, place } = await dummyOn(FILES, {
    task: { prompt: `${block('diff', DIFF)}\n\n${block('diff', '+only an added line')}` },
  })

  expect(outcome).toMatchObject({ kind: 'partial', reason: '1 of 2 written changes did not apply.' })
  expect(outcome.summary).toContain('a diff block names no file')
  expect(await place.read('src/greet.js')).toContain('good morning')
})

test('a change that is there already is an answer', async () => {
  const files = { ...FILES, 'src/greet.js': FILES['src/greet.js'].replace('hello', 'good morning') }

  const { outcome } = await dummyOn(files, { task: { prompt: block('diff', DIFF) } })

  expect(outcome.kind).toBe('no_change')
  expect(outcome.summary).toContain('in the code already')
})

test('checks that newly fail make it partial', async () => {
  const { outcome } = await dummyOn(FILES, {
    task: { prompt: block('diff', DIFF) },
    reports: [{ ok: false, report: 'npm test: exit 1' }],
  })

  expect(outcome).toMatchObject({ kind: 'partial', reason: 'Checks fail that did not fail before.' })
})

test('changes stay in the workspace and out of git itself', async () => {
  const { outcome, place } = await dummyOn(FILES, {
    task: {
      prompt: [
        block('sh path=.git/hooks/post-checkout', 'echo owned'),
        block('sh path=../outside.sh', 'echo owned'),
        block('diff', '--- /dev/null\n+++ b/../escape.txt\n@@ -0,0 +1 @@\n+owned'),
      ].join('\n\n'),
    },
  })

  expect(outcome.kind).toBe('triage')
  expect(await place.sh('ls .git/hooks/post-checkout ../outside.sh ../escape.txt 2>/dev/null | wc -l')).toBe(
    '0',
  )
})

test('without a change in it, a request is triaged', async () => {
  const place = await openWorkspace(FILES)
  await place.sh('echo "// more" >> src/greet.js && git commit -qam "Polish the greeting"')

  const { outcome, events } = await workOn(place, createDummyAgent(), {
    task: {
      prompt:
        'greetVisitor fails in src/greet.js:2 with `TypeError: name is undefined`, see the visitor page',
      baseline: [{ command: 'npm test', exitCode: 1, durationMs: 1500, tail: '' }],
      whyNoModel: ['anthropic: ANTHROPIC_API_KEY is not set', 'openai: OPENAI_API_KEY is not set'],
    },
  })

  expect(outcome.kind).toBe('triage')
  expect(outcome.summary).toMatch(/^No AI model was used: anthropic: .* is not set; openai: /)
  expect(outcome.summary).toContain('- `src/greet.js:2` (the request names it)')
  expect(outcome.summary).toContain('`test/greet.test.js` (nearest test)')
  expect(outcome.summary).toContain('`src/greet.js:1`\u2002`export function greetVisitor(name) {`')
  expect(outcome.summary).toContain('Node.js (`package.json`)')
  expect(outcome.summary).toContain('`npm test` fails with exit code 1 before any change (1.5 s)')
  expect(outcome.summary).toContain('Owners by CODEOWNERS: `@acme/core`')
  expect(outcome.summary).toContain('Most commits: `Ada`')
  expect(outcome.summary).toMatch(/Recently: `\w+ \d{4}-\d\d-\d\d Polish the greeting`/)
  expect(outcome.summary).toContain('- [ ] Reproduce it')
  const definition = outcome.summary.indexOf('export function greetVisitor')
  expect(definition).toBeLessThan(outcome.summary.indexOf('greetVisitor greets a visitor'))
  expect(events.filter((event) => event.type === 'tool.started' && event.tool === 'grep')).not.toEqual([])
})

test('a request in plain words finds the lines where they meet', async () => {
  const { outcome } = await dummyOn(
    {
      'app/login.py': 'def check_password(user, password):\n    raise ValueError("password is empty")\n',
      'app/other.py': 'password = None\n',
      'tests/test_login.py': 'from app.login import check_password\n',
    },
    { task: { prompt: 'The login page crashes when the password is empty' } },
  )

  const [first] = outcome.summary.match(/^- `app.*/m) ?? []
  expect(first).toContain('`app/login.py`')
  expect(outcome.summary).toContain('`app/login.py:2`')
  expect(outcome.summary).toContain('`tests/test_login.py` (nearest test)')
})

test('a request about nothing in the code says so', async () => {
  const { outcome } = await dummyOn({ 'a.txt': 'x\n' }, { task: { prompt: 'Quantum flux capacitor' } })

  expect(outcome.kind).toBe('triage')
  expect(outcome.summary).toContain('No word of the request occurs in the code')
})

test('what the repository says cannot write Markdown into the report, nor call people', async () => {
  const { outcome } = await dummyOn(
    { 'src/a.js': 'const zebra = 1 // `code` @acme/everyone [x](http://evil) \n' },
    { task: { prompt: 'zebra is wrong' } },
  )

  expect(outcome.summary).toContain('``const zebra = 1 // `code` @acme/everyone [x](http://evil)``')
})
