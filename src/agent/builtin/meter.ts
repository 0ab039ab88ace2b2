import type { Turn } from '../../models/model.ts'
import { addUsage, countTokens, NO_USAGE } from '../../models/transcript.ts'
import type { AgentSpent, AgentTotals } from '../agent.ts'
import type { Used } from './judge-limits.ts'

/** Adds up what a run uses, for its limits and its totals. All times in milliseconds. */
export interface Meter {
  /** Of the run so far, earlier attempts included; dollars as far as prices are known. */
  readonly used: () => Used
  /** A turn, and how long the model was waited for, retries included. */
  readonly addTurn: (turn: Turn, waitedMs: number) => void
  /** A turn that failed still took its time. */
  readonly addWait: (waitedMs: number) => void
  /** Time in the sandbox, and how many calls it answered. */
  readonly addTools: (ms: number, calls: number) => void
  /** Time that neither the model nor the sandbox took since this was last asked. */
  readonly takeHarnessMs: () => number
  /** Without earlier attempts. */
  readonly totals: () => AgentTotals
}

/** @param spent by earlier attempts. */
export function createMeter(now: () => number, spent: AgentSpent): Meter {
  const startedAt = now()
  let turns = 0
  let toolCalls = 0
  let usage = NO_USAGE
  let costUsd = 0
  let costIncomplete = false
  let modelMs = 0
  let toolMs = 0
  let takenHarnessMs = 0
  const models = new Set<string>()
  const harnessMs = () => Math.max(0, now() - startedAt - modelMs - toolMs)
  return {
    used: () => ({
      steps: spent.turns + turns,
      usd: spent.usd + costUsd,
      minutes: (spent.ms + now() - startedAt) / 60_000,
      tokens: spent.tokens + countTokens(usage),
    }),
    addTurn({ entry, costUsd: cost }, waitedMs) {
      turns++
      modelMs += waitedMs
      usage = addUsage(usage, entry.origin.usage)
      models.add(`${entry.origin.provider}:${entry.origin.model}`)
      if (cost === undefined) costIncomplete = true
      else costUsd += cost
    },
    addWait(waitedMs) {
      modelMs += waitedMs
    },
    addTools(ms, calls) {
      toolMs += ms
      toolCalls += calls
    },
    takeHarnessMs() {
      const total = harnessMs()
      const since = total - takenHarnessMs
      takenHarnessMs = total
      return tenths(since)
    },
    totals: () => ({
      turns,
      toolCalls,
      usage,
      costUsd: Math.round(costUsd * 1e6) / 1e6,
      costIncomplete,
      models: [...models],
      modelMs: Math.round(modelMs),
      toolMs: Math.round(toolMs),
      harnessMs: tenths(harnessMs()),
    }),
  }
}

function tenths(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10)
}
