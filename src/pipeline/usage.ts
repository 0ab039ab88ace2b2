import type { AgentOutcome, AgentSpent } from '../agent/agent.ts'
import type { RunEvent, RunTotals } from '../runs/run-event.ts'
import { runTotals } from '../runs/summary/run-totals.ts'

/** What agents have used in this run, in every attempt: from its events, so that nothing counts twice. */
export function spentSoFar(events: readonly RunEvent[]): AgentSpent {
  const totals = runTotals(events, { endedAt: new Date(), langsmithEnabled: false })
  const { turns, knownCostUsd: usd, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = totals
  const tokens = inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens
  return { turns, usd, ms: agentMs(events), tokens }
}

/** Milliseconds in the step `agent`. An attempt that died worked until its last event. */
function agentMs(events: readonly RunEvent[]): number {
  let total = 0
  let since: number | undefined
  let last = 0
  for (const event of events) {
    if (event.type === 'run.started' && since !== undefined) {
      total += last - since
      since = undefined
    }
    last = Date.parse(event.at)
    if (event.type === 'step.started' && event.step === 'agent') since = last
    if (event.type === 'step.finished' && event.step === 'agent' && since !== undefined) {
      total += last - since
      since = undefined
    }
  }
  return Math.max(0, total + (since === undefined ? 0 : last - since))
}

/** The outcome of an agent that cannot report one. Without a title the pull request takes the request's. */
export function partialOutcome(
  totals: RunTotals,
  { summary, reason, code }: Required<Pick<AgentOutcome, 'summary' | 'reason' | 'code'>>,
): AgentOutcome {
  const { turns, toolCalls, models } = totals
  return { kind: 'partial', title: '', summary, reason, code, totals: { turns, toolCalls, models } }
}
