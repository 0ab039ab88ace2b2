import type { AgentContext, AgentTask, AgentTotals } from '../agent.ts'
import type { PlanItem } from '../agent-event.ts'
import { type AnsweredCall, callTool } from '../tools/call-tool.ts'
import { TOOLS } from '../tools/index.ts'

/** Lets a program use the tools of the builtin agent, with the same limits and events. */
export interface ToolUser {
  /** @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled. */
  readonly use: (name: string, args: unknown) => Promise<AnsweredCall>
  readonly plan: (items: readonly PlanItem[]) => void
  readonly totals: () => AgentTotals
}

export function createToolUser(
  { runId, workspace }: AgentTask,
  { context, now }: { readonly context: AgentContext; readonly now: () => number },
): ToolUser {
  const { sandbox, signal, emit } = context
  const seenFiles = new Map<string, string>()
  const backgroundGroups = new Set<number>()
  let calls = 0
  const plan = (items: readonly PlanItem[]) => emit({ type: 'agent.plan', items })
  return {
    plan,
    async use(name, args) {
      signal.throwIfAborted()
      const id = `dummy-${runId.slice(0, 8)}-${++calls}`
      const answer = await callTool(
        { type: 'tool_call', id, name, args },
        {
          tools: TOOLS,
          emit,
          now,
          context: {
            callId: id,
            sandbox,
            workspace,
            signal,
            seenFiles,
            backgroundGroups,
            instructionsFor: async () => ({ text: '', paths: [] }),
            onPlan: plan,
            onFinish: async () => ({ verdict: 'accepted', text: 'accepted' }),
          },
        },
      )
      signal.throwIfAborted()
      return answer
    },
    totals: () => ({ turns: 0, toolCalls: calls, models: ['dummy'] }),
  }
}
