import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claudeCommand, UNFIT_EXIT_CODE } from '../../../src/agent/claude-code/claude-command.ts'
import { userLine } from '../../../src/agent/claude-code/input-lines.ts'
import { findProgram } from '../../../src/sandbox/local/probe-local-sandbox.ts'

/** A directory with a name that a shell would take apart, and a program in place of Claude Code. */
function place(program: string) {
  const directory = join(mkdtempSync(join(tmpdir(), 'claude-')), `it's $HOME "a" \`b\``)
  execFileSync('mkdir', [directory])
  const binary = join(directory, 'claude')
  writeFileSync(binary, `#!/bin/sh\n${program}`)
  chmodSync(binary, 0o755)
  writeFileSync(join(directory, 'in'), `${userLine([{ type: 'text', text: 'Hello.' }])}\n`)
  const options = {
    ...{ binary, origin: 'http://127.0.0.1:7100', token: 'bsr_run.secret', model: 'claude-opus-5-5' },
    ...{ maxTurns: 20, maxUsd: 2.5, sessionId: '11111111-1111-4111-8111-111111111111', resumes: false },
    ...{ tools: ['Bash', 'Read'], answerSchema: { type: 'object' } },
    files: {
      ...{ prompt: join(directory, 'prompt'), config: join(directory, 'claude code') },
      ...{ input: join(directory, 'in'), output: join(directory, 'out'), errors: join(directory, 'errors') },
    },
  }
  return { directory, options, read: (name: string) => readFileSync(join(directory, name), 'utf8') }
}

/** As a sandbox would, with an environment that tries to steer. */
function run(options: Parameters<typeof claudeCommand>[0]): number {
  const { command, env } = claudeCommand(options)
  const steering = {
    ...{ ANTHROPIC_BASE_URL: 'http://thief.invalid', CLAUDE_CODE_USE_BEDROCK: '1', NODE_OPTIONS: '-r /x.js' },
    ...{ BUN_OPTIONS: '--preload /x.ts', HTTPS_PROXY: 'http://127.0.0.1:1', HOME: '/home/of-the-user' },
    ...{ 'BASH_FUNC_greet%%': '() { echo hi; }', QUOTED: `it's\n"so" $HOME`, PATH: '/usr/bin:/bin' },
  }
  try {
    execFileSync('bash', ['--noprofile', '--norc', '-c', command], { env: { ...steering, ...env } })
    return 0
  } catch (error) {
    return Number((error as { status: unknown }).status)
  }
}

test('it starts with nothing in its environment but what Backspace put there', () => {
  const { options, read } = place('env -0; read -r line; echo "$line" >&2; exit 7')
  expect(run(options)).toBe(7)
  expect(JSON.parse(read('errors'))).toMatchObject({ type: 'user' })
  const entries = read('out')
    .split('\0')
    .filter(Boolean)
    .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)])
  const { PWD, _, SHLVL, ...environment } = Object.fromEntries(entries)
  expect(environment).toMatchObject({
    ...{ ANTHROPIC_BASE_URL: options.origin, ANTHROPIC_AUTH_TOKEN: options.token, PATH: '/usr/bin:/bin' },
    ...{ HOME: '/proc/nonexistent', CLAUDE_CONFIG_DIR: options.files.config },
  })
  const names = Object.keys(environment).filter((name) => !/^(?:ANTHROPIC|CLAUDE)_/.test(name))
  expect(names.sort()).toEqual([
    ...[
      'BASH_ENV',
      'DISABLE_AUTOUPDATER',
      'HOME',
      ...(process.getuid?.() === 0 ? ['IS_SANDBOX'] : []),
      'PATH',
    ],
    'SHELL',
  ])
})

test('the commands of the agent get the environment of the sandbox, and nothing of what steers Claude Code', () => {
  const { options, read } = place(`CLAUDECODE=1 bash -c 'env -0; greet'`)
  expect(run(options)).toBe(0)
  const [greeting, ...entries] = read('out').split('\0').reverse()
  expect(greeting).toBe('hi\n')
  expect(entries).toEqual(
    expect.arrayContaining([
      ...['HOME=/home/of-the-user', `QUOTED=it's\n"so" $HOME`, 'HTTPS_PROXY=http://127.0.0.1:1'],
      // The repository's own, which its programs may need.
      'ANTHROPIC_BASE_URL=http://thief.invalid',
    ]),
  )
  expect(entries.join('\n')).not.toMatch(/bsr_run|CLAUDE_CONFIG_DIR|BASH_ENV|BACKSPACE_GATEWAY/)
})

test('a list of tools is never followed by a word that it would take for a tool', () => {
  const { options, read } = place('printf "%s\\n" "$@"')
  run({ ...options, resumes: true, fallbackModel: 'claude-sonnet-5-5' })
  const words = read('out').trim().split('\n')
  expect(words[words.indexOf('--tools') + 2]).toMatch(/^--/)
  expect(words).toEqual(expect.arrayContaining(['--setting-sources=', '--strict-mcp-config', '--resume']))
  expect(words).not.toContain('--session-id')
})

const BUBBLEWRAP = findProgram('bwrap', process.env.PATH)

test.skipIf(BUBBLEWRAP === undefined)(
  'it does not start where settings that win over its flags could be',
  () => {
    const { directory, options, read } = place('echo started')
    mkdirSync(join(directory, 'etc/claude-code'), { recursive: true })
    const { command, env } = claudeCommand(options)
    const start = (...more: readonly string[]) =>
      spawnSync(BUBBLEWRAP ?? '', ['--dev-bind', '/', '/', ...more, 'bash', '-c', command], {
        env: { PATH: process.env.PATH, ...env },
      }).status
    expect(start('--ro-bind', join(directory, 'etc'), '/etc')).toBe(UNFIT_EXIT_CODE)
    expect(start()).toBe(0)
    expect(read('out')).toBe('started\n')
  },
)

test('what a person says is one line, with its images', () => {
  const line = userLine([
    { type: 'text', text: 'One\nline\u2028.' },
    { type: 'image', mediaType: 'image/png', base64: 'AAAA' },
  ])
  expect(line).not.toContain('\n')
  expect(JSON.parse(line).message.content).toEqual([
    { type: 'text', text: 'One\nline\u2028.' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
  ])
})
