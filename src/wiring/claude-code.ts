import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent } from '../agent/agent.ts'
import { createClaudeCodeAgent } from '../agent/claude-code/claude-code-agent.ts'
import { claudeCodeDirectory } from '../agent/claude-code/claude-command.ts'
import type { Config } from '../config.ts'
import type { Threads } from '../isolated/threads.ts'
import { judgeRequest } from '../models/gateway/judge-request.ts'
import type { ModelRef } from '../models/model.ts'
import { CLAUDE_CODE_INSIDE } from '../sandbox/local/bubblewrap-options.ts'
import type { ServiceTasks } from './isolated-thread.ts'

/** How many bytes the main thread can read within a few milliseconds. */
const MOST_AT_ONCE = 128 * 1024
/** How long judging the largest request may take. */
const JUDGE_MS = 10_000

const ANTHROPIC = 'https://api.anthropic.com'

/** The path of Claude Code for local sandboxes, whether it is installed there or not. */
export function claudeCodePath({ agents }: Pick<Config, 'agents'>): string {
  return agents.claudeCodePath ?? join(claudeCodeDirectory(agents.dataDirectory), 'claude')
}

/** The program that starts Claude Code inside a sandbox: a path there, or a name on PATH. */
export function claudeCodeProgram(config: Pick<Config, 'agents' | 'sandbox'>): string {
  const { kind } = config.sandbox
  return { e2b: 'claude', local: CLAUDE_CODE_INSIDE, unconfined: claudeCodePath(config) }[kind]
}

/**
 * Claude Code for a run, or a sentence that says why it cannot work here and what to do about it. Whether an E2B
 * template includes Claude Code shows only in its sandbox.
 *
 * @param given.refs models in the order of preference; only Anthropic's are used.
 * @param given.next see `ClaudeCodeOptions`.
 */
export function openClaudeCode(
  config: Config,
  given: {
    readonly refs: readonly ModelRef[]
    readonly threads: Threads<ServiceTasks>
    readonly next: (hasWorked: boolean) => Promise<Agent>
  },
): Agent | string {
  const { models, sandbox } = config
  const [first, second] = [
    ...new Set(given.refs.flatMap(({ provider, id }) => (provider === 'anthropic' ? [id] : []))),
  ]
  if (!models.anthropic) return 'Claude Code needs `ANTHROPIC_API_KEY`, which is not set.'
  if (first === undefined) return 'Claude Code needs a model of Anthropic, and `BACKSPACE_MODELS` names none.'
  const path = claudeCodePath(config)
  if (sandbox.kind !== 'e2b' && !existsSync(path)) {
    return config.agents.claudeCodePath === undefined
      ? 'Claude Code is not installed: `npm run install-claude-code` installs it.'
      : 'There is no Claude Code where `CLAUDE_CODE_PATH` says. Without it, `npm run install-claude-code` installs the right one.'
  }
  const { apiKey, baseUrl = ANTHROPIC } = models.anthropic
  return createClaudeCodeAgent({
    binary: claudeCodeProgram(config),
    upstream: { apiKey, baseUrl },
    model: first,
    fallbackModel: second,
    prices: models.prices,
    judge: (request) =>
      request.body.length <= MOST_AT_ONCE
        ? judgeRequest(request)
        : given.threads.run('judgeRequest', request, JUDGE_MS),
    next: given.next,
  })
}
