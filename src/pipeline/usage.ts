import type { AgentOutcome, AgentSpent } from '../agent/agent.ts'
import type { Usage } from '../models/transcript.ts'
import { readEvents } from '../runs/log/run-log.ts'
import type { RunEvent, RunTotals } from '../runs/run-event.ts'
import { runTotals } from '../runs/summary/run-totals.ts'
import type { ExecuteRunDeps, RunContext } from './run-context.ts'

/** What agents have used in this run, in every attempt: from its events, so that nothing counts twice. */
export function spentSoFar(events: readonly RunEvent[]): AgentSpent {
  const turns = events.filter((event) => event.type === 'model.turn')
  return {
    turns: turns.length,
    usd: turns.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    ms: agentMs(events),
    tokens: turns.reduce((sum, { usage }) => sum + tokensOf(usage), 0),
  }
}

/** Of every kind: the limit counts them all. */
function tokensOf({ input, cacheRead, cacheWrite, output }: Usage): number {
  return input + cacheRead + cacheWrite + output
}

/** An attempt that died worked until the last thing that it said. */
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

/** What the run has used up to now, in all of its attempts. */
export async function totalsSoFar(
  { log, langsmithEnabled, now = () => new Date() }: ExecuteRunDeps,
  { run, flush }: RunContext,
): Promise<RunTotals> {
  await flush()
  return runTotals(await readEvents(log, run.id), { endedAt: now(), langsmithEnabled })
}

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
