import type { CheckCounts, RunEvent, RunTotals } from '../run-event.ts'
import type { Verification } from '../verification.ts'
import { foldEvents, type RunState } from './run-state.ts'
import { agentsOf, costOf, dollars } from './run-usage.ts'
import { toolMs } from './tool-time.ts'
import { verdictOf } from './verdict.ts'

interface TotalsFacts {
  readonly endedAt: Date
  readonly langsmithEnabled: boolean
}

/** The totals of a run up to `endedAt`. */
export function runTotals(events: readonly RunEvent[], facts: TotalsFacts): RunTotals {
  return totalsOf(foldEvents(events), facts)
}

function totalsOf(
  { usage, checks, setup, startedAt }: RunState,
  { endedAt, langsmithEnabled }: TotalsFacts,
): RunTotals {
  const { input, cacheRead, cacheWrite, output } = usage.tokens
  const sent = input + cacheRead + cacheWrite
  return {
    durationMs: startedAt === null ? 0 : Math.max(0, endedAt.getTime() - Date.parse(startedAt)),
    attempts: usage.attempts,
    turns: usage.turns,
    toolCalls: usage.toolCalls,
    toolErrors: usage.toolErrors,
    editsOk: usage.editsOk,
    editsFailed: usage.editsFailed,
    inputTokens: input,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    outputTokens: output,
    cacheShare: sent === 0 ? null : Math.round((cacheRead / sent) * 1000) / 1000,
    costUsd: costOf(usage),
    knownCostUsd: dollars(usage.knownCostUsd),
    providers: usage.providers.map((own) => ({
      provider: own.provider,
      turns: own.turns,
      costUsd: costOf(own),
    })),
    troubles: usage.troubles.length === 0 ? undefined : usage.troubles,
    setupCache: setup?.cache?.result,
    retries: usage.retries,
    fallbacks: usage.fallbacks,
    bounces: usage.bounces,
    checksBefore: countChecks(checks.before),
    checksAfter: countChecks(checks.after),
    verdict: shortVerdict(checks.verification?.verification),
    limitsUsed: usage.limitsUsed,
    models: usage.models,
    agents: agentsOf(usage),
    modelMs: usage.modelMs,
    firstTokenMs: median(usage.firstTokensMs),
    toolMs: toolMs(usage.toolTime),
    harnessMs: Math.round(usage.harnessMs * 10) / 10,
    langsmithEnabled,
  }
}

function shortVerdict(verification: Verification | undefined): RunTotals['verdict'] {
  if (verification === undefined) return undefined
  const { tone, line } = verdictOf(verification)
  return { tone, line }
}

function countChecks(event: RunState['checks']['before']): CheckCounts | null {
  if (event === null) return null
  const passed = event.results.filter(({ exitCode }) => exitCode === 0).length
  return { passed, failed: event.results.length - passed }
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
