import type { RunEvent, RunTotals } from './run-event.ts'

/** What a run has cost so far, added up from its events: for a run that ends without its pipeline. */
export function runTotals(
  events: readonly RunEvent[],
  facts: { readonly endedAt: Date; readonly langsmithEnabled: boolean },
): RunTotals {
  const turns = events.filter((event) => event.type === 'model.turn')
  const tools = events.filter((event) => event.type === 'tool.finished')
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const started = events.find((event) => event.type === 'run.started') ?? events[0]
  const costs = turns.map((turn) => turn.costUsd)
  return {
    durationMs: started === undefined ? 0 : Math.max(0, facts.endedAt.getTime() - Date.parse(started.at)),
    turns: turns.length,
    toolCalls: tools.length,
    inputTokens: sum(turns.map((turn) => turn.usage.input)),
    cacheReadTokens: sum(turns.map((turn) => turn.usage.cacheRead)),
    cacheWriteTokens: sum(turns.map((turn) => turn.usage.cacheWrite)),
    outputTokens: sum(turns.map((turn) => turn.usage.output)),
    // Null is "not known"; a run that asked no model has cost nothing.
    costUsd: costs.every((cost) => cost !== null) ? sum(costs) : null,
    models: [...new Set(turns.map((turn) => `${turn.provider}:${turn.model}`))],
    modelMs: sum(turns.map((turn) => turn.durationMs)),
    toolMs: sum(tools.map((tool) => tool.durationMs)),
    harnessMs: sum(turns.map((turn) => turn.harnessMs)),
    langsmithEnabled: facts.langsmithEnabled,
  }
}
