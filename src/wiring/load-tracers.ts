import { randomUUID } from 'node:crypto'
import packageJson from '../../package.json' with { type: 'json' }
import type { Config } from '../config.ts'
import type { RunTracing } from '../pipeline/attempt.ts'
import type { Run } from '../runs/run.ts'
import type { RunEvent } from '../runs/run-event.ts'
import type { Redact } from '../secrets/redact.ts'
import type { FindTrace } from '../telemetry/find-trace.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { TraceContext } from '../telemetry/otel/otel-tracer.ts'
import { loadOnFirstUse } from './load-later.ts'

/** Everything that traces runs: LangSmith, OpenTelemetry, both or neither. */
export interface Tracers extends RunTracing {
  begin(run: Run): void
  observe(event: RunEvent): void
  /** Call it when another process continues the run. */
  leave(runId: string): void
  /** Whether LangSmith traces the run. */
  isTraced(runId: string): boolean
  /** The context of OpenTelemetry, for lines of the log. */
  contextOf(runId: string): TraceContext | undefined
  /** Sends the traces that wait, for at most `timeoutMs` milliseconds. */
  flush(timeoutMs: number): Promise<void>
}

/** Finds traces in LangSmith; undefined without LangSmith. The library is loaded with the first call. */
export function lazyTraceFinder({ tracing }: Pick<Config, 'tracing'>): FindTrace | undefined {
  if (!tracing) return undefined
  const finder = loadOnFirstUse(async () => {
    const { createTraceFinder } = await import('../telemetry/find-trace.ts')
    return createTraceFinder(tracing)
  })
  return async (run) => (await finder())(run)
}

/**
 * Loads the libraries of the configured tracers. Each takes a tenth of a second to load, which a service that does not
 * trace must not spend.
 *
 * @returns undefined if nothing is traced.
 */
export async function loadTracers(
  { tracing, otlp, deployment }: Pick<Config, 'tracing' | 'otlp' | 'deployment'>,
  { redact, logger }: { readonly redact: Redact; readonly logger: Pick<Logger, 'warn'> },
): Promise<Tracers | undefined> {
  if (!tracing && !otlp) return undefined
  const services = { redact, onProblem: (problem: string) => logger.warn(problem) }
  const [langSmith, otel] = await Promise.all([
    tracing &&
      import('../telemetry/trace-runs.ts').then(({ createRunTracer }) =>
        createRunTracer({ ...tracing, ...services }),
      ),
    otlp &&
      import('../telemetry/otel/otel-tracer.ts').then(({ createOtelTracer }) => {
        const ours = {
          'service.version': packageJson.version,
          'service.instance.id': randomUUID(),
          'deployment.environment.name': deployment,
        }
        return createOtelTracer({ ...otlp, resource: { ...ours, ...otlp.resource } }, services)
      }),
  ])
  const all = [langSmith, otel].filter((tracer) => tracer !== undefined)
  return {
    begin(run) {
      for (const tracer of all) tracer.begin(run)
    },
    admit(runId, repository) {
      for (const tracer of all) tracer.admit(runId, repository)
    },
    observe(event) {
      for (const tracer of all) tracer.observe(event)
    },
    leave(runId) {
      for (const tracer of all) tracer.leave(runId)
    },
    isTraced: (runId) => langSmith?.isTraced(runId) ?? false,
    contextOf: (runId) => otel?.contextOf(runId),
    async flush(timeoutMs) {
      await Promise.all(all.map((tracer) => tracer.flush(timeoutMs)))
    },
  }
}
