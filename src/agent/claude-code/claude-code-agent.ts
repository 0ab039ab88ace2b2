import { randomBytes, randomUUID } from 'node:crypto'
import type { Agent, AgentContext, AgentOutcome, AgentTask } from '../agent.ts'
import { createAgentUsage } from '../builtin/agent-usage.ts'
import { startDeadline } from '../builtin/deadline.ts'
import { entriesOfRun } from '../builtin/prompt.ts'
import type { ClaudeCodeOptions } from './claude-code-options.ts'
import { goOnElsewhere } from './hand-over.ts'
import { openSession } from './open-session.ts'
import { runSession } from './run-session.ts'
import { sessionOf } from './session-transcript.ts'

/** The agent that runs Claude Code in the sandbox. It reaches Claude through a gateway on the host, so no key enters the sandbox. */
export function createClaudeCodeAgent(options: ClaudeCodeOptions): Agent {
  const {
    now = () => performance.timeOrigin + performance.now(),
    newNonce = () => randomBytes(8).toString('hex'),
    next,
  } = options

  async function work(task: AgentTask, context: AgentContext): Promise<AgentOutcome> {
    const kept = context.resume && sessionOf(context.resume)
    // Another agent had taken over before the restart, so it continues.
    if (context.resume && !kept && entriesOfRun(context.resume, task).length > 0)
      return (await next(true)).work(task, context)

    const deadline = startDeadline(task)
    const nonce = newNonce()
    const usage = createAgentUsage(now, task.spent)
    try {
      const session = await openSession({
        task,
        context,
        kept,
        nonce,
        date: new Date(now()),
        newId: randomUUID,
      })
      if (!session) return await goOnWithoutConversation(task, context)
      const end = await runSession({
        task,
        context,
        usage,
        deadline: deadline.signal,
        session,
        nonce,
        options,
      })
      if (end.outcome) return { ...end.outcome, totals: usage.totals() }
      return await goOnElsewhere({ task, context, usage, nonce, why: end.handOver, next })
    } finally {
      deadline.stop()
    }
  }

  /** The next agent reads in the transcript that another agent worked before it, and its last words. */
  async function goOnWithoutConversation(task: AgentTask, context: AgentContext): Promise<AgentOutcome> {
    const message =
      'The conversation of Claude Code could not be restored in the new sandbox. The builtin agent goes on from here.'
    context.emit({ type: 'agent.notice', level: 'warning', agent: 'builtin', message })
    return (await next(true)).work(task, context)
  }

  return { name: 'claude-code', work }
}
