import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { RepositoryScope } from '../../runs/repository-scope.ts'
import type { Redact } from '../../secrets/redact.ts'
import { within } from '../../time/within.ts'
import { followAdmitted, type RunFollower } from '../follow-admitted.ts'
import { createOtelTraces } from './otel-spans.ts'

/** What a log line says about the trace that it belongs to, under OpenTelemetry's names. */
export interface TraceContext {
  readonly trace_id: string
  readonly span_id: string
  readonly trace_flags: string
}

export interface OtelTracer extends RunFollower {
  /** The W3C trace context of a working run; undefined if the run is not traced. */
  contextOf(runId: string): TraceContext | undefined
  /**
   * Ends the spans of runs that other processes continue, and sends what waits, for at most `timeoutMs` milliseconds.
   */
  flush(timeoutMs: number): Promise<void>
}

export interface OtelOptions {
  /** Full address with its path: `https://collector.example/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Limit for one export, retries included. */
  readonly timeoutMs: number
  readonly sampler: {
    readonly kind: 'always_on' | 'always_off' | 'traceidratio'
    readonly parentBased: boolean
    /** 0 to 1, for `traceidratio`. */
    readonly ratio: number
  }
  /** Attributes that identify this service, such as `service.name`. */
  readonly resource: Readonly<Record<string, string>>
  /** Whether prompts, answers, and the arguments and results of tools are sent. */
  readonly content: boolean
  /** Private repositories whose runs are traced. Runs of public ones always are. */
  readonly privateRepositories: RepositoryScope
}

/**
 * Most spans that wait to be sent. Further ones are dropped, so a collector that is away costs a limited amount of
 * memory.
 */
const MOST_WAITING = 4_096
/** Most characters of one attribute. */
const LONGEST_VALUE = 16_384

/**
 * Writes one OpenTelemetry trace per run, by the conventions for generative AI, and sends it with OTLP (http/protobuf).
 * Spans are made from the run's own events, masked once more, and sent in the background: a collector that is down,
 * slow or refuses costs the run nothing.
 */
export function createOtelTracer(
  options: OtelOptions,
  { redact, onProblem }: { readonly redact: Redact; readonly onProblem: (problem: string) => void },
): OtelTracer {
  const { url, headers, timeoutMs: timeoutMillis, content, privateRepositories } = options
  // The SDK itself reads the variables for compression and certificates.
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis,
  })
  const ids = createIds()
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ ...options.resource }),
    sampler: samplerOf(options.sampler),
    idGenerator: ids.generator,
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: reporting(exporter, onProblem),
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: 2_000,
      }),
    ],
  })
  const traces = createOtelTraces({
    tracer: provider.getTracer('backspace'),
    rootOf: ids.withTraceId,
    content,
    redact,
  })
  const {
    settled,
    traces: open,
    ...follower
  } = followAdmitted({
    privateRepositories,
    redact,
    onProblem,
    open: traces.begin,
    onLeave: traces.interrupt,
    record: traces.record,
  })

  return {
    ...follower,
    contextOf(runId) {
      const context = open.get(runId)?.root.spanContext()
      if (!context) return undefined
      const { traceId: trace_id, spanId: span_id, traceFlags } = context
      return { trace_id, span_id, trace_flags: traceFlags.toString(16).padStart(2, '0') }
    },
    async flush(limitMs) {
      await within(
        limitMs,
        settled().then(() => {
          for (const trace of open.values()) traces.interrupt(trace)
          return provider.shutdown()
        }),
      )
    },
  }
}

/** Makes the id of a trace from the id of its run, so that people find one by the other. */
function createIds() {
  const random = new RandomIdGenerator()
  let traceId: string | undefined
  return {
    generator: {
      generateTraceId: () => traceId ?? random.generateTraceId(),
      generateSpanId: () => random.generateSpanId(),
    },
    /** Calls `start`, which starts the root span of a run. */
    withTraceId<T>(runId: string, start: () => T): T {
      const hex = runId.replaceAll('-', '').toLowerCase()
      traceId = /^(?!0+$)[0-9a-f]{32}$/.test(hex) ? hex : undefined
      try {
        return start()
      } finally {
        traceId = undefined
      }
    },
  }
}

function samplerOf({ kind, parentBased, ratio }: OtelOptions['sampler']): Sampler {
  const root = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  }[kind]()
  // Spans below the root follow its decision, so a trace is kept as a whole or not at all.
  return parentBased || kind === 'traceidratio' ? new ParentBasedSampler({ root }) : root
}

/** Reports that spans cannot be sent, at most once a minute. The SDK would drop them silently. */
function reporting(exporter: OTLPTraceExporter, onProblem: (problem: string) => void): SpanExporter {
  let lastReport = Number.NEGATIVE_INFINITY
  const report = (error: Error | undefined) => {
    if (Date.now() - lastReport < 60_000) return
    lastReport = Date.now()
    const why = error && 'code' in error ? ` (${String(error.code)})` : ''
    onProblem(
      `OpenTelemetry spans cannot be sent${why}; they are dropped until the collector takes them, runs are not affected.`,
    )
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        // 0 means SUCCESS.
        if (result.code !== 0) report(result.error)
        done({ code: 0 })
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
