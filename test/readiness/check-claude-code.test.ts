import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CLAUDE_CODE_VERSION, claudeCodeDirectory } from '../../src/agent/claude-code/claude-command.ts'
import { readConfig } from '../../src/config.ts'
import { checkClaudeCode } from '../../src/readiness/check-claude-code.ts'
import { startE2b } from '../stand-ins/e2b/start-e2b.ts'

const KEY = 'an-anthropic-key-of-this-test'
const CHOSEN = { BACKSPACE_AGENT: 'claude-code', ANTHROPIC_API_KEY: KEY }

/** What the doctor says where Claude Code is this script; without one, where nothing is installed. */
async function check(env: Readonly<Record<string, string>>, script?: string) {
  const isInstalled = env.CLAUDE_CODE_PATH === ''
  const directory = await mkdtemp(join(tmpdir(), 'backspace-claude-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const place = isInstalled ? claudeCodeDirectory(directory) : join(directory, "it's")
  const program = join(place, 'claude')
  if (script !== undefined) {
    await mkdir(place, { recursive: true })
    await writeFile(program, `#!/bin/sh\n${script}\n`)
    await chmod(program, 0o755)
  }
  const own = { BACKSPACE_SANDBOX: 'unconfined', CLAUDE_CODE_PATH: program, DATA_DIR: directory }
  return checkClaudeCode(readConfig({ PATH: process.env.PATH, ...own, ...env }))
}

const ANSWERS = `echo "${CLAUDE_CODE_VERSION} (Claude Code)"`

test('Claude Code is started in a sandbox, and its version is the one that Backspace works with', async () => {
  expect(await check(CHOSEN, ANSWERS)).toEqual({
    state: 'ok',
    fact: `${CLAUDE_CODE_VERSION}, started in a sandbox (unconfined)`,
  })
  const installed = { ANTHROPIC_API_KEY: KEY, CLAUDE_CODE_PATH: '' }
  expect(await check(installed, ANSWERS)).toMatchObject({ state: 'ok' })
})

test.each([
  [{ BACKSPACE_AGENT: 'claude-code' }, ANSWERS, /^ANTHROPIC_API_KEY is not set$/, /stays on this machine/],
  [{ ...CHOSEN, BACKSPACE_MODELS: 'openai:a' }, ANSWERS, /names no model of anthropic/, /^Add one, such as/],
  [CHOSEN, undefined, /^not installed$/, /CLAUDE_CODE_PATH must be the program/],
  [
    { ...CHOSEN, CLAUDE_CODE_PATH: '' },
    undefined,
    /^not installed$/,
    /^`npm run install-claude-code` installs it/,
  ],
  [CHOSEN, 'echo "1.0.3 (Claude Code)"', /has version 1\.0\.3; Backspace works with/, /install-claude-code/],
  [
    CHOSEN,
    'echo "no such library" >&2; exit 3',
    /does not start .* exit code 3$/,
    /^no such library\. CLAUDE_/,
  ],
  [CHOSEN, 'exit 0', /does not start in a sandbox, exit code 0$/, /^It printed nothing\. /],
])('what is wrong is said with what cures it (%#)', async (env, script, fact, advice) => {
  expect(await check(env, script)).toEqual({
    state: 'broken',
    fact: expect.stringMatching(fact),
    next: expect.stringMatching(advice),
  })
})

test('an agent that need not be there is one quiet line', async () => {
  expect(await check({ CLAUDE_CODE_PATH: '' })).toEqual({
    state: 'not_set',
    fact: 'not installed, and not needed; `npm run install-claude-code` adds it',
  })
  expect(await check({ BACKSPACE_AGENTS: 'builtin' }, ANSWERS)).toEqual({
    state: 'not_set',
    fact: 'cannot be chosen: BACKSPACE_AGENTS leaves it out',
  })
  expect(await check({}, ANSWERS)).toMatchObject({ state: 'not_set', fact: 'ANTHROPIC_API_KEY is not set' })
  const e2b = { BACKSPACE_SANDBOX: 'e2b', E2B_API_KEY: 'e2b_0a9d3c7f51b2e8460a9d3c' }
  expect(await check(e2b)).toMatchObject({
    state: 'not_set',
    fact: expect.stringContaining('not looked for'),
  })
})

test('each E2B template is tried in a sandbox of its own, which is ended', async () => {
  const apiKey = 'e2b_0a9d3c7f51b2e8460a9d3c'
  const e2b = await startE2b({ apiKey, templates: ['base'] })
  onTestFinished(() => e2b.close())
  const at = { E2B_API_KEY: apiKey, E2B_API_URL: e2b.url, E2B_SANDBOX_URL: e2b.url, BACKSPACE_SANDBOX: 'e2b' }
  expect(await check({ ...CHOSEN, ...at })).toEqual({
    state: 'broken',
    fact: 'E2B template base has none',
    next: '`npm run install-claude-code -- --e2b` prints the line for your template.',
  })
  expect(await check({ ...CHOSEN, ...at, E2B_TEMPLATE: 'gone' })).toMatchObject({
    fact: 'not checked: no sandbox was started',
  })
  expect(e2b.sandboxes().map(({ state }) => state)).toEqual(['killed'])
})
