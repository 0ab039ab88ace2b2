import { ModelError } from '../../models/model-error.ts'
import type { Agent, AgentContext, AgentOutcome, AgentTask, AgentTotals } from '../agent.ts'
import type { AgentUsage } from '../builtin/agent-usage.ts'
import { quoteData } from '../builtin/quote-data.ts'
import { stoppedOutcome } from '../builtin/stopped-outcome.ts'
import { LOOKING } from '../look-around.ts'
import { titleOf } from '../title.ts'
import { boundText } from '../tools/bounded-output.ts'
import type { HandOver } from './converse.ts'

const READ_CHANGES = 'git status --porcelain=v1 && git diff HEAD --no-ext-diff --no-textconv'
const MAX_DIFF = 16 * 1024
const MAX_WORDS = 4000

/**
 * Lets another agent continue in the same sandbox. It gets the task, Claude Code's last words and calls, and the change
 * so far, but not the conversation, which is about other tools.
 *
 * @throws the errors of `Agent.work`. A ModelError is not thrown if Claude Code has worked: its files are then the outcome.
 */
export async function goOnElsewhere(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly usage: AgentUsage
  readonly nonce: string
  readonly why: HandOver
  readonly next: (hasWorked: boolean) => Promise<Agent>
}): Promise<AgentOutcome> {
  const { task, context, usage, why, next } = given
  context.signal.throwIfAborted()
  const before = usage.totals()
  const hasWorked = before.turns > 0
  context.emit({
    type: 'agent.notice',
    level: 'warning',
    agent: 'builtin',
    message: `${why.reason} The builtin agent ${hasWorked ? 'goes on from here' : 'works instead'}.`,
  })
  const earlier = hasWorked ? await describe(given) : undefined
  const { steps: turns, usd, minutes, tokens } = usage.used()
  const agent = await next(hasWorked)
  try {
    const outcome = await agent.work(
      {
        ...task,
        earlier: [task.earlier, earlier].filter(Boolean).join('\n\n') || undefined,
        spent: { turns, usd, tokens, ms: minutes * 60_000 },
      },
      { ...context, resume: undefined, workspaceState: undefined },
    )
    return { ...outcome, totals: add(before, outcome.totals) }
  } catch (error) {
    if (!(error instanceof ModelError) || !hasWorked) throw error
    const reason = `${why.reason} No other model could continue: ${error.userMessage}`
    const stop = { code: 'model_unavailable', reason } as const
    const { plan, lastText } = why
    return { ...stoppedOutcome({ title: titleOf(task), stop, plan, lastText }), totals: before }
  }
}

async function describe({
  task,
  context,
  nonce,
  why,
}: Pick<Parameters<typeof goOnElsewhere>[0], 'task' | 'context' | 'nonce' | 'why'>): Promise<string> {
  const { stdout: changes } = await context.sandbox.exec(READ_CHANGES, {
    cwd: task.workspace,
    env: LOOKING,
    timeoutMs: 120_000,
    maxOutputBytes: MAX_DIFF,
  })
  const quote = (source: string, text: string) => quoteData({ source, text, nonce, isFileText: true })
  return [
    `another agent, Claude Code, began to work on it and cannot go on. Its files are as it left them.`,
    ...(why.lastText.trim() === '' ? [] : [quote('what it said last', boundText(why.lastText, MAX_WORDS))]),
    ...(why.calls.length === 0 ? [] : [quote('what it did', why.calls.join('\n'))]),
    ...(why.review === '' ? [] : [`The host said last: ${boundText(why.review, MAX_WORDS)}`]),
    ...(changes.trim() === ''
      ? ['Nothing is changed so far.']
      : [quote('git status and git diff', boundText(changes, MAX_DIFF))]),
  ].join('\n')
}

function add(before: AgentTotals, after: AgentTotals): AgentTotals {
  return {
    turns: before.turns + after.turns,
    toolCalls: before.toolCalls + after.toolCalls,
    models: [...new Set([...before.models, ...after.models])],
  }
}
