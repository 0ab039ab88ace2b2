import { type AssistantEntry, addUsage, countTokens, NO_USAGE } from '../../models/transcript.ts'
import type { AgentSpent, AgentTotals } from '../agent.ts'

/** What a run has used: steps, minutes, tokens of every kind, and dollars for the models whose prices are known. */
export interface Used {
  readonly steps: number
  readonly minutes: number
  readonly usd: number
  readonly tokens: number
}

/** The parts of a model's turn that count towards limits and totals. */
export interface UsedTurn {
  readonly origin: Pick<AssistantEntry['origin'], 'provider' | 'model' | 'usage'>
  /** Dollars; undefined when the price is not known. */
  readonly costUsd: number | undefined
}

/** Adds up what a run uses, for its limits and its totals. All times in milliseconds. */
export interface AgentUsage {
  /** Milliseconds since the epoch, with fractions. */
  readonly now: () => number
  /** What the run has used so far, earlier attempts included. */
  readonly used: () => Used
  /** Counts a turn and how long the run waited for the model, retries included. */
  readonly addTurn: (turn: UsedTurn, waitedMs: number) => void
  /** Counts the time of a turn that failed. */
  readonly addWait: (waitedMs: number) => void
  /** Counts the time that tools took in the sandbox, and their calls. */
  readonly addTools: (ms: number, calls: number) => void
  /** Milliseconds since the last call of this function that were spent neither in the model nor in the sandbox. */
  readonly takeHarnessMs: () => number
  /** False once a model without a known price has answered; the dollars are then a lower bound. */
  readonly isPriceKnown: () => boolean
  /** Totals of this attempt alone. */
  readonly totals: () => AgentTotals
}

const NOTHING_SPENT: AgentSpent = { turns: 0, usd: 0, ms: 0, tokens: 0 }

/** @param spent what earlier attempts used. */
export function createAgentUsage(now: () => number, spent: AgentSpent = NOTHING_SPENT): AgentUsage {
  const startedAt = now()
  let turns = 0
  let toolCalls = 0
  let usage = NO_USAGE
  let usd = 0
  let isPriceKnown = true
  let modelMs = 0
  let toolMs = 0
  let takenHarnessMs = 0
  const models = new Set<string>()
  return {
    now,
    used: () => ({
      steps: spent.turns + turns,
      usd: spent.usd + usd,
      minutes: (spent.ms + now() - startedAt) / 60_000,
      tokens: spent.tokens + countTokens(usage),
    }),
    addTurn({ origin, costUsd }, waitedMs) {
      turns++
      modelMs += waitedMs
      usage = addUsage(usage, origin.usage)
      models.add(`${origin.provider}:${origin.model}`)
      if (costUsd === undefined) isPriceKnown = false
      else usd += costUsd
    },
    addWait(waitedMs) {
      modelMs += waitedMs
    },
    addTools(ms, calls) {
      toolMs += ms
      toolCalls += calls
    },
    takeHarnessMs() {
      const total = Math.max(0, now() - startedAt - modelMs - toolMs)
      const since = total - takenHarnessMs
      takenHarnessMs = total
      return Math.max(0, Math.round(since * 10) / 10)
    },
    isPriceKnown: () => isPriceKnown,
    totals: () => ({ turns, toolCalls, models: [...models] }),
  }
}
