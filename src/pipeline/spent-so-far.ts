import type { AgentSpent } from '../agent/agent.ts'
import type { Usage } from '../models/transcript.ts'
import type { RunEvent } from '../runs/run-event.ts'

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
