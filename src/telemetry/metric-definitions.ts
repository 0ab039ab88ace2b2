/** Every metric of our own. docs/observability.md, the board and the alerts in deploy/ are tested against this list. */

function counter<Label extends string = never>(help: string, labelNames: readonly Label[] = []) {
  return { help, labelNames }
}

export const COUNTERS = {
  backspace_runs_submitted_total: counter('Runs that were submitted.'),
  backspace_runs_ended_total: counter('Runs that ended, by status, and by outcome or error code.', [
    'status',
    'reason',
  ]),
  backspace_verdicts_total: counter('Runs that ended with a verified change, by the verdict.', ['tone']),
  backspace_steps_total: counter('Steps of runs that ended.', ['step', 'status']),
  backspace_masked_texts_total: counter('Texts of runs in which a secret was masked.'),
  backspace_setup_cache_total: counter('Setups, by what the setup cache had for them.', ['result']),
  backspace_setup_cache_saved_seconds_total: counter('Seconds of setup that hits saved.'),
  backspace_sandboxes_total: counter('Sandboxes that were created, or could not be.', ['kind', 'result']),
  backspace_tool_calls_total: counter('Tool calls of the agent.', ['tool', 'status']),
  backspace_model_turns_total: counter('Turns that a model answered.', ['provider', 'model']),
  backspace_model_cost_usd_total: counter('US dollars for model turns whose price is known.', [
    'provider',
    'model',
  ]),
  backspace_model_tokens_total: counter('Tokens of model turns.', ['provider', 'model', 'kind']),
  backspace_model_failures_total: counter('Requests to a model that failed.', ['provider', 'class']),
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
  backspace_webhooks_handled_total: counter('Stored webhooks that were handled, or failed and wait again.', [
    'event',
    'result',
  ]),
} as const

/** Figures of the whole deployment, unless the text says otherwise. */
export const GAUGES = {
  backspace_runs_waiting: 'Runs of the deployment that wait for their turn.',
  backspace_runs_running: 'Runs of the deployment that are running.',
  backspace_runs_oldest_waiting_seconds: 'How long the longest-waiting run has waited; 0 if none does.',
  backspace_paused: 'Whether the operator lets no run start: 1, or 0.',
  backspace_webhooks_waiting: 'Webhooks that are stored and not handled yet.',
  backspace_webhooks_oldest_waiting_seconds: 'How long the oldest of them has waited; 0 if there is none.',
  backspace_run_slots: 'Runs that this process may execute at once.',
  backspace_sandboxes_open: 'Sandboxes that this process has open.',
  backspace_event_streams_open: 'Event streams and live pages that this process has open.',
} as const

/** Buckets in seconds. */
const SHORT = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const LONG = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800]

function histogram<Label extends string = never>(
  help: string,
  {
    buckets,
    labelNames = [],
  }: { readonly buckets: readonly number[]; readonly labelNames?: readonly Label[] },
) {
  return { help, buckets, labelNames }
}

export const HISTOGRAMS = {
  backspace_run_duration_seconds: histogram('Seconds from the request for a run to its end.', {
    buckets: [5, 15, 30, 60, 120, 300, 600, 1200, 1800],
  }),
  backspace_run_wait_seconds: histogram('Seconds from the request for a run to its first start.', {
    buckets: LONG,
  }),
  backspace_step_duration_seconds: histogram('Seconds that a step of a run took.', {
    buckets: LONG,
    labelNames: ['step'],
  }),
  backspace_sandbox_start_seconds: histogram('Seconds until a new sandbox was ready.', {
    buckets: SHORT,
    labelNames: ['kind'],
  }),
  backspace_tool_duration_seconds: histogram('Seconds that a tool call took.', {
    buckets: [...SHORT, 60, 300],
  }),
  backspace_model_turn_seconds: histogram('Seconds until a model had answered a turn.', {
    buckets: [1, 2.5, 5, 10, 20, 40, 80, 160, 320],
    labelNames: ['provider'],
  }),
  backspace_model_first_token_seconds: histogram('Seconds until the first token of a turn.', {
    buckets: SHORT,
    labelNames: ['provider'],
  }),
  backspace_webhook_answer_seconds: histogram('Seconds until a webhook was stored; GitHub waits ten.', {
    buckets: [0.01, 0.025, ...SHORT.filter((bucket) => bucket <= 10)],
  }),
  backspace_webhook_handled_seconds: histogram('Seconds from storing a webhook to the end of its handling.', {
    buckets: [...SHORT, 60, 300, 1800],
  }),
} as const

export type CounterName = keyof typeof COUNTERS
export type GaugeName = keyof typeof GAUGES
export type HistogramName = keyof typeof HISTOGRAMS

type AnyName = CounterName | HistogramName
type LabelName<Name extends AnyName> = Name extends CounterName
  ? (typeof COUNTERS)[Name]['labelNames'][number]
  : Name extends HistogramName
    ? (typeof HISTOGRAMS)[Name]['labelNames'][number]
    : never

export type LabelsOf<Name extends AnyName> = Readonly<Record<LabelName<Name>, string>>
