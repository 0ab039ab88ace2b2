import { expect, test } from 'vitest'
import { TOOLS } from '../../../src/agent/tools/index.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

test('the tools are the nine we promise, in a fixed order', () => {
  expect(TOOLS.map(({ schema }) => schema.name)).toEqual([
    'bash',
    'edit',
    'fetch_history',
    'finish',
    'glob',
    'grep',
    'plan',
    'read',
    'write',
  ])
})

test('schemas hold only what both providers take in strict mode', () => {
  const keys = new Set<string>()
  JSON.stringify(
    TOOLS.map(({ schema }) => schema.inputSchema),
    (key, value) => {
      if (/^(min|max|exclusive|pattern$|format|default|\$)/.test(key) && typeof value !== 'object')
        keys.add(key)
      return value
    },
  )

  expect([...keys]).toEqual([])
})

test('wrong arguments say what is wrong, what the tool takes, and that nothing was done', async () => {
  const { problem } = useTools(await openWorkspace())

  const said = await problem('read', { start_line: 'one', colour: 'red' })

  expect(said).toContain('Nothing was done')
  expect(said).toContain('file_path')
  expect(said).toContain('start_line: ')
  expect(said).toContain('colour')
  expect(said).toContain('start_line (optional)')
})

test('an unknown tool names the ones that exist', async () => {
  const { problem } = useTools(await openWorkspace())

  expect(await problem('git_push', {})).toBe(
    'There is no tool git_push. The tools are: bash, edit, fetch_history, finish, glob, grep, plan, read, write.',
  )
})

test('a plan is shown to people', async () => {
  const { ok, plans } = useTools(await openWorkspace())

  expect(await ok('plan', { items: [{ text: 'Look\naround', status: 'in_progress' }] })).toBe('ok')
  expect(plans).toEqual([[{ text: 'Look around', status: 'in_progress' }]])
})

test('finish asks for a question when it is blocked', async () => {
  const { ok, problem, claims } = useTools(await openWorkspace())
  const claim = { outcome: 'blocked', title: 'Ask', summary: 'Two ways' }

  expect(await problem('finish', claim)).toContain('needs the question')
  await ok('finish', { ...claim, question: 'Which?', tests_run: ['npm test'] })
  expect(claims).toMatchObject([{ question: 'Which?', testsRun: ['npm test'] }])
})
