import type { AgentOutcome, AgentSpent } from '../agent/agent.ts'
import type { RunEvent, RunTotals } from '../runs/run-event.ts'
import { foldEvents } from '../runs/summary/run-state.ts'
import { agentMs } from '../runs/summary/run-usage.ts'

/** What agents have used in all attempts of this run. It is computed from the events, so that nothing counts twice. */
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

/** The outcome for an agent that could not report one. Its title is empty, so the pull request is named after the request. */
export function partialOutcome(
  totals: RunTotals,
  { summary, reason, code }: Required<Pick<AgentOutcome, 'summary' | 'reason' | 'code'>>,
): AgentOutcome {
  const { turns, toolCalls, models } = totals
  return { kind: 'partial', title: '', summary, reason, code, totals: { turns, toolCalls, models } }
}
