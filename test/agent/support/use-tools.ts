import type { AgentEvent, PlanItem } from '../../../src/agent/agent-event.ts'
import { type AnsweredCall, callTool } from '../../../src/agent/tools/call-tool.ts'
import { TOOLS } from '../../../src/agent/tools/index.ts'
import type { FinishClaim } from '../../../src/agent/tools/tool.ts'
import type { OpenedWorkspace } from './open-workspace.ts'

/** The tools as the loop uses them, with what they caused. */
export function useTools({ sandbox, workspace }: Pick<OpenedWorkspace, 'sandbox' | 'workspace'>) {
  const events: AgentEvent[] = []
  const plans: (readonly PlanItem[])[] = []
  const claims: FinishClaim[] = []
  const controller = new AbortController()
  const backgroundGroups = new Set<number>()
  const seenFiles = new Map<string, string>()
  let calls = 0

  async function answer(name: string, args: unknown): Promise<AnsweredCall> {
    const id = `call_${++calls}`
    return callTool(
      { type: 'tool_call', id, name, args },
      {
        tools: TOOLS,
        emit: (event) => events.push(event),
        now: () => performance.now(),
        context: {
          callId: id,
          sandbox,
          workspace,
          signal: controller.signal,
          seenFiles,
          backgroundGroups,
          instructionsFor: async () => ({ text: '', paths: [] }),
          onPlan: (items) => plans.push(items),
          onFinish: async (claim) => {
            claims.push(claim)
            return { verdict: 'accepted', text: 'accepted' }
          },
        },
      },
    )
  }

  /** The text of a call that must work. */
  async function ok(name: string, args: unknown): Promise<string> {
    const { part } = await answer(name, args)
    if (part.status !== 'ok') throw new Error(`${name} failed: ${part.text}`)
    return part.text
  }

  /** The text of a call that must not work. */
  async function problem(name: string, args: unknown): Promise<string> {
    const { part } = await answer(name, args)
    if (part.status !== 'error') throw new Error(`${name} worked: ${part.text}`)
    return part.text
  }

  return { answer, ok, problem, events, plans, claims, controller, backgroundGroups }
}
