import { mkdirSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { expect, test } from 'vitest'
import { judgeEnd } from '../../../src/agent/claude-code/judge-end.ts'
import { judgeRequest } from '../../../src/models/gateway/judge-request.ts'
import { createModelGateway, type ModelGatewayOptions } from '../../../src/models/gateway/model-gateway.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import type { HttpFault, Script, Step } from '../../stand-ins/models/script.ts'
import { type ClaudeRun, runClaude } from './run-claude.ts'

interface Ending {
  readonly script: Script
  readonly gateway?: Partial<ModelGatewayOptions>
  readonly run?: Partial<ClaudeRun>
  /** What the host knows of its own limits. */
  readonly isRefused?: boolean
}

const FINISH: Step = { calls: [{ name: 'StructuredOutput', args: { title: 'Done' } }] }
const bash = (command: string): Step => ({ calls: [{ name: 'Bash', args: { command, description: 'Try' } }] })
const LOOK = bash('true')
const always = (fault: HttpFault): Script => [{ fault }]
/** A command of the agent ends Claude Code, and runs on for a while. */
const signalled = (signal: string): Script => [bash(`kill -${signal} $PPID; sleep 1`)]

/** The real Claude Code through the real gateway, and how its end is judged. */
async function endOf({ script, gateway: options, run, isRefused = false }: Ending) {
  const place = mkdtempSync(join(tmpdir(), 'ending-'))
  const [workspace, home] = [join(place, 'workspace'), join(place, 'home')]
  for (const directory of [workspace, home]) mkdirSync(directory)
  const claude = await startAnthropic({ script })
  const gateway = createModelGateway({
    ...{ runId: 'run-1', upstream: { apiKey: claude.apiKey, baseUrl: claude.baseUrl }, judge: judgeRequest },
    ...{ models: ['claude-opus-5-5', 'claude-sonnet-5-5'], refusal: () => undefined, onTurn: () => {} },
    ...options,
  })
  const server = createServer(getRequestListener(gateway.handle))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { result, exitCode } = await runClaude({
      ...{ origin, token: gateway.token, workspace, home, prompt: 'Look.' },
      ...run,
    })
    const verdict = judgeEnd({ result, exitCode: result ? undefined : exitCode, isRefused })
    const says = 'reason' in verdict ? verdict.reason : verdict.kind
    return { says, requests: claude.turns().length, rejections: claude.rejections }
  } finally {
    gateway.close()
    server.close()
    server.closeAllConnections()
    await claude.close()
  }
}

const CASES: readonly (Ending & {
  readonly name: string
  readonly says: string
  readonly requests: number
})[] = [
  {
    name: 'an account without credit',
    script: always({ status: 400, message: 'Your credit balance is too low to access the Anthropic API.' }),
    ...{ says: 'Claude did not take the request, or the account has no credit (status 400).', requests: 1 },
  },
  {
    name: 'a key that is refused',
    script: always({ status: 401 }),
    ...{ says: 'Claude refused the key (status 401).', requests: 3 },
  },
  {
    name: 'an unknown model',
    script: always({ status: 404, message: 'model: claude-opus-5-5' }),
    ...{ says: 'Claude does not know the model (status 404).', requests: 2 },
  },
  {
    name: 'a rate limit',
    script: always({ status: 429, retryAfter: 1 }),
    ...{ says: 'Claude has reached its rate limit (status 429).', requests: 3 },
  },
  {
    name: 'overload',
    script: always({ status: 529 }),
    ...{ says: 'Claude is overloaded (status 529).', requests: 3 },
  },
  {
    name: 'overload, while another model answers',
    script: ({ body }) => (body.model === 'claude-opus-5-5' ? { fault: { status: 529 } } : FINISH),
    run: { more: { fallbackModel: 'claude-sonnet-5-5' } },
    ...{ says: 'done', requests: 4 },
  },
  {
    name: 'dropped connections',
    script: [{ fault: 'drop' }],
    ...{ says: 'Claude could not be asked (status 502).', requests: 3 },
  },
  {
    name: 'an answer that is cut off',
    script: [{ text: 'Half of it', fault: 'cut' }, FINISH],
    ...{ says: 'done', requests: 2 },
  },
  {
    name: 'an answer that stalls, which the gateway ends',
    script: [{ text: 'Half of it', fault: 'stall' }, FINISH],
    // Far above what a busy machine needs between two parts of the good answer that follows.
    gateway: { idleMs: 10_000 },
    ...{ says: 'done', requests: 2 },
  },
  {
    name: 'a conversation that is too long',
    script: always({ status: 400, message: 'prompt is too long: 1000001 tokens > 1000000 maximum' }),
    ...{ says: 'The conversation became too long for Claude.', requests: 1 },
  },
  {
    name: 'a refusal of the model',
    script: [{ fault: 'refusal' }],
    ...{ says: 'Claude declined to continue.', requests: 2 },
  },
  {
    name: 'its most turns',
    script: [LOOK],
    run: { more: { maxTurns: 2 } },
    ...{ says: 'reached', requests: 2 },
  },
  {
    name: 'its most dollars',
    script: [{ ...LOOK, usage: { output: 100_000 } }],
    run: { more: { maxUsd: 1 } },
    ...{ says: 'reached', requests: 1 },
  },
  {
    name: 'a limit of the run',
    script: [LOOK],
    isRefused: true,
    gateway: {
      refusal: () => ({ status: 402, type: 'billing_error', message: 'The run reached its limit.' }),
    },
    ...{ says: 'reached', requests: 0 },
  },
  {
    name: 'SIGINT',
    script: signalled('INT'),
    ...{ says: 'Claude Code was interrupted.', requests: 1 },
  },
  {
    name: 'SIGTERM',
    script: signalled('TERM'),
    ...{ says: 'Claude Code ended without a result (exit code 143).', requests: 1 },
  },
  {
    name: 'SIGKILL',
    script: signalled('KILL'),
    ...{ says: 'Claude Code ended without a result (exit code 137).', requests: 1 },
  },
]

test.concurrent.each(CASES)('$name: $says', async ({ says, requests, ...ending }) => {
  const end = await endOf(ending)
  expect(end.rejections).toEqual([])
  expect([end.says, end.requests]).toEqual([says, requests])
})
