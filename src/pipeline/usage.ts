import type { AgentOutcome, AgentSpent } from '../agent/agent.ts'
import type { RunEvent, RunTotals } from '../runs/run-event.ts'
import { foldEvents } from '../runs/summary/run-state.ts'
import { agentMs } from '../runs/summary/run-usage.ts'

/** What agents have used in this run, in every attempt: from its events, so that nothing counts twice. */
export function spentSoFar(events: readonly RunEvent[]): AgentSpent {
  const { usage } = foldEvents(events)
  const { input, cacheRead, cacheWrite, output } = usage.tokens
  return {
    turns: usage.turns,
    usd: usage.knownCostUsd,
    ms: agentMs(usage),
    // The limit counts tokens of every kind.
    tokens: input + cacheRead + cacheWrite + output,
  }
}

/** The outcome of an agent that cannot report one. Without a title the pull request takes the request's. */
export function partialOutcome(
  totals: RunTotals,
  { summary, reason, code }: Required<Pick<AgentOutcome, 'summary' | 'reason' | 'code'>>,
): AgentOutcome {
  const { turns, toolCalls, models } = totals
  return { kind: 'partial', title: '', summary, reason, code, totals: { turns, toolCalls, models } }
}
