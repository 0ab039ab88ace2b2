import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RunEvent } from '../runs/run-event.ts'

/** Counters of this process since it started, and facts about the process itself, in the text format of Prometheus. */
export interface Metrics {
  observe(event: RunEvent): void
  /** Counts what is not an event. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): void
  /** @param gauges current values for the whole deployment; omitted ones are not shown. */
  render(gauges?: Partial<Readonly<Record<GaugeName, number>>>): Promise<string>
}

const COUNTERS = {
  backspace_runs_submitted_total: counter('Runs that were submitted.'),
  backspace_runs_ended_total: counter('Runs that ended, by status, and by outcome or error code.', [
    'status',
    'reason',
  ]),
  backspace_setup_cache_total: counter('Setups, by what the setup cache had for them.', ['result']),
  backspace_setup_cache_saved_seconds_total: counter('Seconds of setup that hits saved.'),
  backspace_tool_calls_total: counter('Tool calls of the agent.', ['tool', 'status']),
  backspace_model_turns_total: counter('Turns that a model answered.', ['provider', 'model']),
  backspace_model_cost_usd_total: counter('US dollars for model turns whose price is known.', [
    'provider',
    'model',
  ]),
  backspace_model_tokens_total: counter('Tokens of model turns.', ['provider', 'model', 'kind']),
  backspace_model_retries_total: counter('Model requests that were repeated.', ['model', 'class']),
  backspace_model_switches_total: counter('Switches from one model to the next.', ['from', 'to', 'class']),
  backspace_context_compactions_total: counter('Transcripts that were compacted.', ['summary_by']),
  backspace_transcript_violations_total: counter('Model requests that did not continue the one before.'),
  backspace_requests_refused_total: counter('Requests for a run that were refused.', ['reason']),
  backspace_http_refused_total: counter('HTTP requests that were refused, by the limit or rule.', ['reason']),
  backspace_tokens_total: counter('Tokens of installations that were minted, revoked, or left to expire.', [
    'purpose',
    'event',
  ]),
  backspace_webhooks_total: counter('Webhooks that were accepted: stored, or duplicates.', [
    'event',
    'status',
  ]),
} as const

const GAUGES = {
  backspace_runs_waiting: 'Runs of the deployment that wait for their turn.',
  backspace_runs_running: 'Runs of the deployment that are running.',
  backspace_paused: 'Whether the operator lets no run start: 1, or 0.',
} as const

/** Of one label. A model may call a tool by any name, and each name is a series that is kept for good. */
const MOST_VALUES = 100

/** Seconds: a run takes from seconds to half an hour. */
const RUN_SECONDS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800]

type CounterName = keyof typeof COUNTERS
type GaugeName = keyof typeof GAUGES
type LabelsOf<Name extends CounterName> = Readonly<
  Record<(typeof COUNTERS)[Name]['labelNames'][number], string>
>

function counter<Label extends string = never>(help: string, labelNames: readonly Label[] = []) {
  return { help, labelNames }
}

/** The metrics of one process. prom-client is loaded with the first count or scrape: an idle process needs neither. */
export function createMetrics(): Metrics {
  let registered: Registered | undefined
  let loading: Promise<Registered> | undefined
  const seen = new Map<string, Set<string>>()
  /** Counted while prom-client loads. */
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

  /** The value, unless its label has too many already. */
  function bounded(label: string, value: string): string {
    const values = seen.get(label) ?? new Set()
    seen.set(label, values)
    if (values.size < MOST_VALUES) values.add(value)
    return values.has(value) ? value : 'other'
  }

  function add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, amount = 1): void {
    const shown = Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [label, bounded(`${name} ${label}`, String(value))]),
    )
    record(({ counters }) => counters[name].inc(shown, amount))
  }

  function observeTurn({ provider, model, costUsd, usage }: ModelTurnEvent): void {
    add('backspace_model_turns_total', { provider, model })
    // An unknown price must not look like a price of 0.
    if (costUsd !== null) add('backspace_model_cost_usd_total', { provider, model }, costUsd)
    for (const [kind, tokens] of Object.entries(usage)) {
      add('backspace_model_tokens_total', { provider, model, kind }, tokens)
    }
  }

  function observeEnd(event: TerminalEvent, reason: string): void {
    const status = event.type.slice('run.'.length)
    add('backspace_runs_ended_total', { status, reason })
    record(({ durations }) => durations.observe(event.totals.durationMs / 1000))
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
        case 'tool.finished':
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
    count: (name, labels) => add(name, labels),
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
  readonly durations: Histogram
}

/** A registry of its own, not prom-client's global one: a process may run several instances, as the tests do. */
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
  const durations = new Histogram({
    name: 'backspace_run_duration_seconds',
    help: 'Seconds from the request for a run to its end.',
    buckets: RUN_SECONDS,
    registers,
  })
  collectDefaultMetrics({ register: registry })
  return { registry, counters, gauges, durations }
}
