import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { processEnvironment } from '../support/environment.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'

/** The demo as `npm run demo` starts it, without the keys of this machine. */
async function runDemo(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const { HOME } = process.env
  const child = spawn(process.execPath, [QUICK_WASM, join(import.meta.dirname, 'main.ts'), ...args], {
    env: { HOME, ...processEnvironment() },
    cwd: folder(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'demo-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  })
}

/** What `npm run demo` has just printed in CI, which fails where the demo does. */
const { DEMO_OUTPUT } = process.env

test('the demo ends with a pull request, in plain text where there is no terminal', async () => {
  const { code, output } =
    DEMO_OUTPUT === undefined ? await runDemo() : { code: 0, output: readFileSync(DEMO_OUTPUT, 'utf8') }
  expect(output.trimEnd().split('\n').at(-1)).toMatch(
    /^pull request: http:\/\/127\.0\.0\.1:\d+\/acme\/greeter\/pull\/\d+$/,
  )
  expect(code).toBe(0)
  expect(output).not.toContain('\u001b')
  expect(output).toMatch(/\+ {3}return .*'stranger'/)
})

test('the demo on a repository of one’s own ends with an answer and leaves the repository as it was', async () => {
  const repo = folder()
  git(repo, 'init', '-q', '-b', 'trunk')
  writeFileSync(join(repo, 'parse-date.py'), 'def parse_date(text):\n    return text\n')
  git(repo, 'add', '.')
  git(repo, 'commit', '-q', '-m', 'Start')
  git(repo, 'branch', 'other')
  writeFileSync(join(repo, 'parse-date.py'), 'unfinished\n')
  writeFileSync(join(repo, 'time-zones.py'), 'def zone_of(text):\n    return text\n')
  const state = () => [
    git(repo, 'rev-parse', 'HEAD'),
    git(repo, 'status', '--porcelain=v2'),
    git(repo, 'for-each-ref'),
  ]
  const before = state()

  const prompt = ['--repo', repo, '--prompt', 'zone_of should know CET']
  const refused = await runDemo(...prompt)
  expect(refused.code).toBe(1)
  expect(refused.output).toMatch(
    / has 2 uncommitted files\. Add --with-local-changes .* --ignore-local-changes /,
  )
  const { code, output } = await runDemo(...prompt, '--with-local-changes')
  expect(output.trimEnd().split('\n').at(-1)).toMatch(
    /^answer: http:\/\/127\.0\.0\.1:\d+\/acme\/[\w.-]+\/issues\/1#issuecomment-\d+$/,
  )
  expect(code).toBe(0)
  expect(output).toContain('time-zones.py')
  expect(state()).toEqual(before)
})

test('arguments that make no sense end with what to write instead, before anything starts', async () => {
  const { code, output } = await runDemo('--repo', '/nowhere', '--prompt', 'x')
  expect(code).toBe(1)
  expect(output).toMatch(/^\n--repo \/nowhere: there is no such folder\.\n\nUsage:\n/)
})

test('--live without keys says which are missing', async () => {
  const { code, output } = await runDemo('--live', '--prompt', 'x')
  expect(code).toBe(1)
  expect(output).toMatch(/^\n--live needs ANTHROPIC_API_KEY or OPENAI_API_KEY/)
})
