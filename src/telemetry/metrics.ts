import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RunEvent } from '../runs/run-event.ts'
import {
  COUNTERS,
  type CounterName,
  GAUGES,
  type GaugeName,
  HISTOGRAMS,
  type HistogramName,
  type LabelsOf,
} from './metric-definitions.ts'

/** Counters of this process since its start, and facts about the process itself, in Prometheus's text format. */
export interface Metrics {
  observe(event: RunEvent): void
  /** Counts something that is not an event. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, amount?: number): void
  /** Records how long something took that is not an event. */
  time<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void
  /** @param gauges current values for the whole deployment. Values that are left out are not shown. */
  render(gauges?: Readonly<Partial<Record<GaugeName, number | undefined>>>): Promise<string>
}

/**
 * Most values of one label. A model may call a tool by any name, and each name makes a series that is kept for good.
 */
const MOST_VALUES = 100

/**
 * The metrics of one process. prom-client is loaded with the first count or scrape, since an idle process needs
 * neither.
 */
export function createMetrics(): Metrics {
  let registered: Registered | undefined
  let loading: Promise<Registered> | undefined
  const seen = new Map<string, Set<string>>()
  /** What is counted while prom-client loads. */
  let early: ((registered: Registered) => void)[] = []

  function load(): Promise<Registered> {
    loading ??= register().then((ready) => {
      registered = ready
      for (const record of early) record(ready)
      early = []
      return ready
    })
    return loading
  }

  function record(change: (registered: Registered) => void): void {
    if (registered) {
      change(registered)
    } else {
      early.push(change)
      void load()
    }
  }

  /** The value, or a common substitute once its label has too many values. */
  function bounded(label: string, value: string): string {
    const values = seen.get(label) ?? new Set()
    seen.set(label, values)
    if (values.size < MOST_VALUES) values.add(value)
    return values.has(value) ? value : 'other'
  }

  function shownLabels(name: string, labels: object): Record<string, string> {
    return Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [label, bounded(`${name} ${label}`, String(value))]),
    )
  }

  function add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, amount = 1): void {
    const shown = shownLabels(name, labels)
    record(({ counters }) => counters[name].inc(shown, amount))
  }

  function time<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
    const shown = shownLabels(name, labels)
    record(({ histograms }) => histograms[name].observe(shown, Math.max(0, seconds)))
  }

  function observeTurn({ provider, model, costUsd, usage, ...turn }: ModelTurnEvent): void {
    add('backspace_model_turns_total', { provider, model })
    time('backspace_model_turn_seconds', { provider }, turn.durationMs / 1000)
    if (turn.firstTokenMs !== null) {
      time('backspace_model_first_token_seconds', { provider }, turn.firstTokenMs / 1000)
    }
    // An unknown price must not look like a price of 0.
    if (costUsd !== null) add('backspace_model_cost_usd_total', { provider, model }, costUsd)
    for (const [kind, tokens] of Object.entries(usage)) {
      add('backspace_model_tokens_total', { provider, model, kind }, tokens)
    }
  }

  function observeEnd(event: TerminalEvent, reason: string): void {
    const status = event.type.slice('run.'.length)
    add('backspace_runs_ended_total', { status, reason })
    time('backspace_run_duration_seconds', {}, event.totals.durationMs / 1000)
    const { verdict } = event.totals
    if (verdict) add('backspace_verdicts_total', { tone: verdict.tone })
  }

  return {
    observe(event) {
      switch (event.type) {
        case 'run.queued':
          return add('backspace_runs_submitted_total', {})
        case 'run.succeeded':
          return observeEnd(event, event.outcome)
        case 'run.failed':
          return observeEnd(event, event.code)
        case 'run.cancelled':
          return observeEnd(event, 'cancelled')
        case 'setup.finished': {
          if (!event.cache) return
          const { result, savedMs } = event.cache
          add('backspace_setup_cache_total', { result })
          return add('backspace_setup_cache_saved_seconds_total', {}, result === 'hit' ? savedMs / 1000 : 0)
        }
        case 'step.finished': {
          const { step, status, durationMs } = event
          add('backspace_steps_total', { step, status })
          return time('backspace_step_duration_seconds', { step }, durationMs / 1000)
        }
        case 'tool.finished':
          time('backspace_tool_duration_seconds', {}, event.durationMs / 1000)
          return add('backspace_tool_calls_total', { tool: event.tool, status: event.status })
        case 'model.turn':
          return observeTurn(event)
        case 'model.retried':
          return add('backspace_model_retries_total', { model: event.model, class: event.errorClass })
        case 'model.switched': {
          const { from, to, errorClass } = event
          return add('backspace_model_switches_total', { from, to, class: errorClass })
        }
        case 'context.compacted':
          return add('backspace_context_compactions_total', { summary_by: event.summaryBy })
        default:
      }
    },
    count: add,
    time,
    async render(values = {}) {
      const { registry, gauges } = registered ?? (await load())
      for (const [name, gauge] of gauges) {
        const value = values[name]
        if (value === undefined) gauge.remove()
        else gauge.set(value)
      }
      return await registry.metrics()
    },
  }
}

type ModelTurnEvent = Extract<RunEvent, { type: 'model.turn' }>
type TerminalEvent = Extract<RunEvent, { type: 'run.succeeded' | 'run.failed' | 'run.cancelled' }>

interface Registered {
  readonly registry: Registry
  readonly counters: Readonly<Record<CounterName, Counter>>
  readonly gauges: ReadonlyMap<GaugeName, Gauge>
  readonly histograms: Readonly<Record<HistogramName, Histogram>>
}

/**
 * Makes a registry of its own instead of using prom-client's global one, since a process may run several instances, as
 * the tests do.
 */
async function register(): Promise<Registered> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const counters = Object.fromEntries(
    Object.entries(COUNTERS).map(([name, { help, labelNames }]) => {
      return [name, new Counter<string>({ name, help, labelNames, registers })]
    }),
  ) as Record<CounterName, Counter>
  const gauges = new Map(
    (Object.keys(GAUGES) as GaugeName[]).map((name) => [
      name,
      new Gauge({ name, help: GAUGES[name], registers }),
    ]),
  )
  const histograms = Object.fromEntries(
    Object.entries(HISTOGRAMS).map(([name, { help, labelNames, buckets }]) => {
      return [name, new Histogram<string>({ name, help, labelNames, buckets: [...buckets], registers })]
    }),
  ) as Record<HistogramName, Histogram>
  collectDefaultMetrics({ register: registry })
  return { registry, counters, gauges, histograms }
}
