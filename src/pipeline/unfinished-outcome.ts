import type { AgentOutcome } from '../agent/agent.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { RunContext } from './run-context.ts'
import { totalsSoFar } from './totals-so-far.ts'

/** The outcome of an agent that cannot say anything any more. The title is the request's. */
export async function unfinishedOutcome(
  deps: ExecuteRunDeps,
  context: RunContext,
  said: Required<Pick<AgentOutcome, 'summary' | 'reason' | 'code'>>,
): Promise<AgentOutcome> {
  const totals = await totalsSoFar(deps, context)
  const { inputTokens: input, cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite } = totals
  return {
    ...{ kind: 'partial', title: '', ...said },
    totals: {
      ...totals,
      ...{ costUsd: totals.knownCostUsd, costIncomplete: totals.costUsd === null },
      usage: { input, cacheRead, cacheWrite, output: totals.outputTokens },
    },
  }
}
