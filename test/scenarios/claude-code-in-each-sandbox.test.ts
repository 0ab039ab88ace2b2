import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Script } from '../stand-ins/models/script.ts'
import { claudeCodeBinary } from '../support/claude-code.ts'
import { SANDBOXES } from '../support/sandboxes.ts'
import { createGreeter, startWorld } from '../support/start-world.ts'

/** The story of `FIX_GREETER` in the words of Claude Code's tools. */
const CLAUDE_FIXES_GREETER = [
  {
    text: 'I will look first.',
    calls: [{ name: 'Bash', args: { command: 'cat src/greet.js', description: 'Look' } }],
  },
  {
    calls: [
      {
        name: 'Bash',
        args: {
          command: `sed -i "s/\\\${name}/\\\${name?.trim() || 'stranger'}/" src/greet.js; env | grep -c "sk-ant" || true`,
          description: 'Change it',
        },
      },
    ],
  },
  { text: 'Now the tests.', calls: [{ name: 'Bash', args: { command: 'npm test', description: 'Test' } }] },
  {
    calls: [
      {
        name: 'StructuredOutput',
        args: {
          outcome: 'done',
          title: 'Greet a visitor without a name as a stranger',
          summary: 'A missing or blank name now falls back to `stranger`.',
          tests_run: ['npm test'],
        },
      },
    ],
  },
] as const satisfies Script

/** E2B's template has it on PATH; what is below `/tmp` there, its user may enter. */
async function lendToTemplate(binary: string): Promise<void> {
  const directory = await mkdtemp('/tmp/claude-code-')
  await symlink(dirname(binary), join(directory, 'program'))
  vi.stubEnv('PATH', [join(directory, 'program'), process.env.PATH].join(delimiter))
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true })
  })
}

test.each(SANDBOXES)('a comment becomes a pull request by Claude Code in the $sandbox sandbox', async ({
  sandbox,
}) => {
  const binary = await claudeCodeBinary()
  if (sandbox === 'e2b') await lendToTemplate(binary)
  const world = await startWorld({
    sandbox,
    anthropic: CLAUDE_FIXES_GREETER,
    env: { CLAUDE_CODE_PATH: binary },
  })
  const { github, anthropic } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
  await github.comment({
    repo,
    number,
    author: 'ada',
    body: '/backspace --agent claude-code make the failing test pass',
  })
  const frames = await world.frames()

  const [pull] = github.pullRequests(repo)
  expect(frames.at(-1)).toMatchObject({
    type: 'success',
    extra_data: { outcome: 'pull_request', ai_provider: 'anthropic' },
  })
  expect(pull).toMatchObject({ title: 'Greet a visitor without a name as a stranger', draft: false })
  expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain("|| 'stranger'")
  expect(pull?.body).toMatch(/`npm test` \| . failed \(exit code 1,.*passed \(exit code 0/u)
  expect(pull?.body).toContain('· Claude Code ·')
  expect(anthropic?.rejections).toEqual([])
  const clients = anthropic?.requests.map(({ headers }) => headers['user-agent']?.split('/')[0])
  expect(new Set(clients)).toEqual(new Set(['claude-cli']))
})
