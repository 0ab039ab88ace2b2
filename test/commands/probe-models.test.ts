import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startChat } from '../stand-ins/chat.ts'
import { startOpenAI } from '../stand-ins/openai.ts'

const CALL = { calls: [{ name: 'report_colour', args: { colour: 'red' } }] }

test('doctor -- --models asks each model one question, and says what will be missing', async () => {
  const [claude, gpt, strong, weak, toolless] = await Promise.all([
    startAnthropic({ script: [CALL] }),
    startOpenAI({ script: [{ fault: { status: 401, code: 'invalid_api_key' } }] }),
    startChat({ dialect: 'openrouter', script: [] }),
    startChat({ dialect: 'lm_studio', script: [] }),
    startChat({ dialect: 'without_tools', script: [] }),
  ])
  onTestFinished(
    async () => void (await Promise.all([claude, gpt, strong, weak, toolless].map((api) => api.close()))),
  )
  const env = {
    PATH: process.env.PATH,
    BACKSPACE_SANDBOX: 'unconfined',
    ANTHROPIC_API_KEY: claude.apiKey,
    ANTHROPIC_BASE_URL: claude.baseUrl,
    OPENAI_API_KEY: gpt.apiKey,
    OPENAI_BASE_URL: gpt.baseUrl,
    COMPATIBLE_BASE_URL: strong.baseUrl,
    COMPATIBLE_API_KEY: strong.apiKey,
    COMPATIBLE_HOME_BASE_URL: weak.baseUrl,
    COMPATIBLE_HOME_API_KEY: weak.apiKey,
    COMPATIBLE_OLD_BASE_URL: toolless.baseUrl,
    COMPATIBLE_OLD_API_KEY: toolless.apiKey,
    BACKSPACE_MODELS:
      'anthropic:claude-opus-5-5,openai:gpt-6-sol,compatible:some-model,compatible-home:some-model,compatible-old:some-model',
  }
  const run = promisify(execFile)(process.execPath, ['src/commands/doctor.ts', '--models'], { env })
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  const said = stdout.slice(stdout.indexOf('Asks 5 models'))
  expect(said).toMatch(
    /^Asks 5 models one small question each\. That costs at most about \$0\.\d+, and what 3 models without a known price ask for it\.\n/,
  )
  expect(said).toMatch(
    /✓ anthropic:claude-opus-5-5\n *tools, images, caching, 1,000,000 tokens of context, this question cost under \$0\.01\n/,
  )
  expect(said).toMatch(/✗ openai:gpt-6-sol\n *OpenAI refused the key \(status 401\)/)
  expect(said).toMatch(/✓ compatible:some-model\n *tools, images, caching, 131,072 tokens of context\n/)
  expect(said).toMatch(
    /✓ compatible-home:some-model\n *tools, caching, 8,192 tokens of context\n.*It cannot see images.*BACKSPACE_PRICES/,
  )
  expect(said).toMatch(
    /✗ compatible-old:some-model\n *answers\n.*It cannot call tools, so the agent cannot use it/,
  )
  expect([claude, gpt, strong, weak, toolless].flatMap((api) => api.rejections)).toEqual([])
})
