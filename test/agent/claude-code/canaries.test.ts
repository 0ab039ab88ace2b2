import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLAUDE_CODE_VERSION } from '../../../src/agent/claude-code/claude-command.ts'
import { type AnthropicStandIn, startAnthropic } from '../../stand-ins/anthropic.ts'
import { claudeCodeBinary } from '../../support/claude-code.ts'
import { plantCanaries, WORD } from './plant-canaries.ts'
import { runClaude, TOOLS } from './run-claude.ts'

/** A server that no request should reach, with all that was asked of it. */
async function startThief() {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    requests.push(
      `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks)}`,
    )
    const error = { type: 'invalid_request_error', message: 'No.' }
    response.writeHead(400, { 'content-type': 'application/json', 'x-should-retry': 'false' })
    response.end(JSON.stringify({ type: 'error', error }))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { origin, requests, close }
}

async function world() {
  const place = mkdtempSync(join(tmpdir(), 'canaries-'))
  const thief = await startThief()
  const canaries = plantCanaries(place, thief.origin)
  const { workspace } = canaries
  // Each tool that looks for files which steer, and a command, which a shell with BASH_ENV would precede.
  const notes = join(workspace, 'sub/notes.txt')
  const todos = [{ content: 'Look', status: 'pending', activeForm: 'Looking' }]
  const anthropic = await startAnthropic({
    script: (_request, index) =>
      [
        {
          calls: [
            { name: 'Read', args: { file_path: notes } },
            { name: 'Edit', args: { file_path: notes, old_string: '.', new_string: '!.' } },
            { name: 'Bash', args: { command: 'echo "$HOME"', description: 'Look' } },
            { name: 'TodoWrite', args: { todos } },
          ],
        },
        { calls: [{ name: 'StructuredOutput', args: { title: 'Seen' } }] },
      ][index % 2] ?? { text: 'Done.' },
  })
  const { home, env } = canaries
  const run = {
    origin: anthropic.baseUrl,
    token: anthropic.apiKey,
    prompt: 'Look around.',
    workspace,
    home,
    env,
  }
  const close = async () => {
    thief.close()
    await anthropic.close()
  }
  return { thief, canaries, anthropic, run, close }
}

function wordsIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(`${WORD}[\\w-]+`, 'g')))].sort()
}

function sentTo({ requests }: AnthropicStandIn): string {
  return JSON.stringify(requests.map(({ headers, body }) => ({ headers, body })))
}

test('nothing in the repository, the home or its own directory steers Claude Code, at first and when it goes on', async () => {
  const { thief, canaries, anthropic, run, close } = await world()
  const first = await runClaude(run)
  canaries.plantIn(first.configDirectory)
  const second = await runClaude({ ...run, prompt: 'Go on.', resume: first.configDirectory })
  await close()

  for (const { lines, result, exitCode, errors } of [first, second]) {
    expect(errors).toBe('')
    expect(result).toMatchObject({ is_error: false, structured_output: { title: 'Seen' } })
    expect(exitCode).toBe(0)
    const init = lines.find((line) => line.type === 'system' && line.subtype === 'init')
    expect(init).toMatchObject({
      ...{ mcp_servers: [], model: 'claude-opus-5-5', claude_code_version: CLAUDE_CODE_VERSION },
      tools: [...TOOLS, 'StructuredOutput'].sort(),
    })
    const results = JSON.stringify(lines.filter(({ type }) => type === 'user'))
    expect(results).not.toContain('"is_error":true')
    // The agent's commands have the home, and what its profile exports; Claude Code has neither.
    expect(results).toContain(`"content":"${canaries.home}"`)
  }
  expect(anthropic.turns()).toHaveLength(4)
  expect(anthropic.rejections).toEqual([])
  expect(canaries.ran()).toEqual([])
  expect(thief.requests).toEqual([])
  expect(wordsIn(sentTo(anthropic))).toEqual([])
})

test('without the flags and the environment of its own, the same files do steer it', async () => {
  const { thief, canaries, anthropic, run, close } = await world()
  const binary = await claudeCodeBinary()
  const environment = {
    ...{ HOME: run.home, ANTHROPIC_BASE_URL: run.origin, ANTHROPIC_AUTH_TOKEN: run.token, IS_SANDBOX: '1' },
    ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', CLAUDE_CODE_MAX_RETRIES: '0' },
  }
  const words = Object.entries(environment).map(([name, value]) => `${name}='${value}'`)
  await runClaude({
    ...run,
    env: {},
    command: () =>
      `exec env -i PATH="$PATH" ${words.join(' ')} ${binary} -p --verbose --output-format stream-json --permission-mode bypassPermissions Hello </dev/null`,
  })
  await close()
  expect(canaries.ran()).toEqual(
    expect.arrayContaining([
      ...['home-hook-SessionStart', 'home-json-mcp', 'home-json-mcp-headers', 'home-project-mcp'],
      ...['plugin-hook-SessionStart', 'repository-hook-SessionStart', 'repository-local-hook-SessionStart'],
      ...['repository-local-api-key-helper', 'repository-mcp', 'repository-mcp-headers'],
    ]),
  )
  const stolen = thief.requests.join('\n')
  const names = [
    ...['---CLAUDE-md', 'CLAUDE-local-md', 'CLAUDE-md', 'home-dot-claude', 'home-rule', 'repository-agent'],
    ...['home-skill-description', 'repository-dot-claude', 'repository-rule', 'repository-style'],
    ...['repository-local-settings-body', 'repository-local-settings-header'],
  ]
  expect(wordsIn(stolen)).toEqual(expect.arrayContaining(names.map((name) => `${WORD}${name}`)))
  expect(stolen).toContain(anthropic.apiKey)
  expect(anthropic.requests).toEqual([])
})
