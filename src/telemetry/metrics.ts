import type { RunEvent } from '../runs/run-event.ts'

/** Counters of this process since it started, in Prometheus' text format. */
export interface Metrics {
  observe(event: RunEvent): void
  /** One more of what is not an event: `backspace_requests_refused_total` … */
  count(name: string, labels?: Readonly<Record<string, string>>): void
  /** @param gauges values as they are now, of the whole deployment; by name. */
  render(gauges?: Readonly<Record<string, number>>): string
}

/** Durations in seconds: a run takes from seconds to half an hour. */
const RUN_SECONDS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800] as const

export function createMetrics(): Metrics {
  const counters = new Map<string, number>()
  const durations = { buckets: RUN_SECONDS.map(() => 0), sum: 0, count: 0 }

  function add([name, labels, amount = 1]: Sample): void {
    const key = `${name}${renderLabels(labels)}`
    counters.set(key, (counters.get(key) ?? 0) + amount)
  }

  return {
    observe(event) {
      for (const sample of samplesOf(event)) add(sample)
      if ('totals' in event) observeDuration(durations, event.totals.durationMs / 1000)
    },
    count: (name, labels = {}) => add([name, labels]),
    render: (gauges = {}) =>
      [...renderGauges(gauges), ...renderCounters(counters), ...renderHistogram(durations), ''].join('\n'),
  }
}

type Sample = readonly [name: string, labels: Readonly<Record<string, string>>, amount?: number]

function samplesOf(event: RunEvent): readonly Sample[] {
  switch (event.type) {
    case 'run.queued':
      return [['backspace_runs_submitted_total', {}]]
    case 'run.succeeded':
      return [['backspace_runs_ended_total', { status: 'succeeded', reason: event.outcome }]]
    case 'run.failed':
      return [['backspace_runs_ended_total', { status: 'failed', reason: event.code }]]
    case 'run.cancelled':
      return [['backspace_runs_ended_total', { status: 'cancelled', reason: 'cancelled' }]]
    case 'tool.finished':
      return [['backspace_tool_calls_total', { tool: event.tool, status: event.status }]]
    case 'model.retried':
      return [['backspace_model_retries_total', { model: event.model, class: event.errorClass }]]
    case 'model.switched': {
      const { from, to, errorClass } = event
      return [['backspace_model_switches_total', { from, to, class: errorClass }]]
    }
    case 'context.compacted':
      return [['backspace_context_compactions_total', { summary_by: event.summaryBy }]]
    case 'model.turn': {
      const labels = { provider: event.provider, model: event.model }
      return [
        ['backspace_model_turns_total', labels],
        // What is not known must not look like nothing.
        ...(event.costUsd === null
          ? []
          : [['backspace_model_cost_usd_total', labels, event.costUsd] satisfies Sample]),
        ...Object.entries(event.usage).map(
          ([kind, count]): Sample => ['backspace_model_tokens_total', { ...labels, kind }, count],
        ),
      ]
    }
    default:
      return []
  }
}

function renderGauges(gauges: Readonly<Record<string, number>>): string[] {
  return Object.entries(gauges).flatMap(([name, value]) => [`# TYPE ${name} gauge`, `${name} ${value}`])
}

function renderCounters(counters: ReadonlyMap<string, number>): string[] {
  const lines: string[] = []
  let family = ''
  for (const [key, value] of [...counters].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = key.replace(/\{.*/s, '')
    if (name !== family) lines.push(`# TYPE ${name} counter`)
    family = name
    lines.push(`${key} ${value}`)
  }
  return lines
}

interface Histogram {
  /** Cumulative, one per limit of RUN_SECONDS. */
  readonly buckets: number[]
  sum: number
  count: number
}

function observeDuration(histogram: Histogram, seconds: number): void {
  for (const [index, limit] of RUN_SECONDS.entries()) {
    if (seconds <= limit) histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1
  }
  histogram.sum += seconds
  histogram.count += 1
}

function renderHistogram({ buckets, sum, count }: Histogram): string[] {
  const name = 'backspace_run_duration_seconds'
  return [
    `# TYPE ${name} histogram`,
    ...RUN_SECONDS.map((limit, index) => `${name}_bucket{le="${limit}"} ${buckets[index] ?? 0}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
  ]
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
