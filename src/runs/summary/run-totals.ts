import type { ModelTurnEvent, ToolFinishedEvent } from '../../agent/agent-event.ts'
import type { ChecksFinishedEvent, RunEvent, RunTotals } from '../run-event.ts'

/**
 * What a run has used so far, over all of its attempts: added up from its events, for every face alike (the stream,
 * the pages, the thread, the pull request, the trace).
 */
export function runTotals(
  events: readonly RunEvent[],
  facts: { readonly endedAt: Date; readonly langsmithEnabled: boolean },
): RunTotals {
  const turns = events.filter((event) => event.type === 'model.turn')
  const tools = events.filter((event) => event.type === 'tool.finished')
  const started = events.find((event) => event.type === 'run.started') ?? events[0]
  return {
    durationMs: started === undefined ? 0 : Math.max(0, facts.endedAt.getTime() - Date.parse(started.at)),
    attempts: count(events, ({ type }) => type === 'run.started'),
    ...modelTotals(turns),
    retries: count(events, ({ type }) => type === 'model.retried'),
    fallbacks: count(events, ({ type }) => type === 'model.switched'),
    ...toolTotals(tools),
    bounces: count(events, (event) => event.type === 'finish.reviewed' && event.verdict === 'sent_back'),
    checksBefore: checkTotals(events, 'before'),
    checksAfter: checkTotals(events, 'after'),
    limitsUsed: turns.at(-1)?.run?.limits ?? null,
    langsmithEnabled: facts.langsmithEnabled,
  }
}

function modelTotals(turns: readonly ModelTurnEvent[]) {
  const { input, cacheRead, cacheWrite } = tokensOf(turns)
  const sent = input + cacheRead + cacheWrite
  const known = turns.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]))
  const providers = [...new Set(turns.map(({ provider }) => provider))]
  return {
    turns: turns.length,
    inputTokens: input,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    outputTokens: sum(turns.map(({ usage }) => usage.output)),
    cacheShare: sent === 0 ? null : Math.round((cacheRead / sent) * 1000) / 1000,
    // Null is "not known"; a run that asked no model has cost nothing.
    costUsd: costOf(turns),
    knownCostUsd: dollars(sum(known)),
    providers: providers.map((provider) => {
      const own = turns.filter((turn) => turn.provider === provider)
      return { provider, turns: own.length, costUsd: costOf(own) }
    }),
    models: [...new Set(turns.map(({ provider, model }) => `${provider}:${model}`))],
    modelMs: sum(turns.map(({ waitedMs, durationMs }) => waitedMs ?? durationMs)),
    firstTokenMs: median(turns.flatMap(({ firstTokenMs }) => (firstTokenMs === null ? [] : [firstTokenMs]))),
    harnessMs: Math.round(sum(turns.map(({ harnessMs }) => harnessMs)) * 10) / 10,
  }
}

function tokensOf(turns: readonly ModelTurnEvent[]) {
  const total = (kind: 'input' | 'cacheRead' | 'cacheWrite') => sum(turns.map(({ usage }) => usage[kind]))
  return { input: total('input'), cacheRead: total('cacheRead'), cacheWrite: total('cacheWrite') }
}

function costOf(turns: readonly ModelTurnEvent[]): number | null {
  const costs = turns.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]))
  return costs.length === turns.length ? dollars(sum(costs)) : null
}

function toolTotals(tools: readonly (ToolFinishedEvent & { readonly at: string })[]) {
  const edits = tools.filter(({ tool }) => tool === 'edit' || tool === 'write')
  return {
    toolCalls: tools.length,
    toolErrors: count(tools, ({ status }) => status === 'error'),
    editsOk: count(edits, ({ status }) => status === 'ok'),
    editsFailed: count(edits, ({ status }) => status === 'error'),
    toolMs: elapsedMs(tools),
  }
}

/** By the clock: calls that ran side by side count once. */
function elapsedMs(tools: readonly (ToolFinishedEvent & { readonly at: string })[]): number {
  const spans = tools
    .map(({ at, durationMs }) => ({ start: Date.parse(at) - durationMs, end: Date.parse(at) }))
    .sort((a, b) => a.start - b.start)
  let total = 0
  let until = Number.NEGATIVE_INFINITY
  for (const { start, end } of spans) {
    total += Math.max(0, end - Math.max(start, until))
    until = Math.max(until, end)
  }
  return total
}

/** An attempt that was repeated ran its checks again: only the last time counts. */
function checkTotals(events: readonly RunEvent[], phase: ChecksFinishedEvent['phase']) {
  const last = events.findLast((event) => event.type === 'checks.finished' && event.phase === phase)
  if (last?.type !== 'checks.finished') return null
  const passed = count(last.results, ({ exitCode }) => exitCode === 0)
  return { passed, failed: last.results.length - passed }
}

function count<T>(items: readonly T[], fits: (item: T) => boolean): number {
  return items.filter(fits).length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Adding cents up leaves crumbs far behind the point. */
function dollars(usd: number): number {
  return Math.round(usd * 1e6) / 1e6
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
