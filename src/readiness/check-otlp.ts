import type { Config } from '../config.ts'
import type { Said } from './finding.ts'
import { whyNoAnswer } from './why-no-answer.ts'

const ASK_MS = 5_000
const COSTS = 'Runs work, and send no OpenTelemetry traces.'

/** Whether the collector accepts traces. It is sent a request without any, which has no bytes. */
export async function checkOtlp({ otlp, hostEnvironment }: Config): Promise<Said> {
  if (!otlp) return { state: 'not_set', fact: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set', costs: COSTS }
  const { host } = new URL(otlp.url)
  try {
    const { status, ok } = await fetch(otlp.url, {
      method: 'POST',
      headers: { ...otlp.headers, 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(),
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.min(ASK_MS, otlp.timeoutMs)),
    })
    if (ok) return { state: 'ok', fact: `${host} takes traces`, next: privacyOf(otlp) }
    const isRefused = status === 401 || status === 403
    return {
      state: 'broken',
      fact: isRefused
        ? `${host} refuses the headers (status ${status})`
        : `${host} does not take traces (status ${status})`,
      costs: COSTS,
      next: isRefused ? 'Check OTEL_EXPORTER_OTLP_HEADERS.' : 'Check OTEL_EXPORTER_OTLP_ENDPOINT.',
    }
  } catch (error) {
    const unreachable = whyNoAnswer(error, hostEnvironment)
    return {
      state: 'broken',
      fact: unreachable?.fact ?? 'out of reach',
      costs: COSTS,
      next: unreachable?.next,
    }
  }
}

function privacyOf({ content, privateRepositories: patterns }: NonNullable<Config['otlp']>): string {
  const repositories = patterns.includes('*/*')
    ? 'Private repositories are traced as well'
    : `Private repositories are not traced${patterns.length === 0 ? '' : `, but for ${patterns.join(', ')}`}`
  return `${repositories} (BACKSPACE_OTEL_TRACE_PRIVATE). Prompts and answers are ${content ? '' : 'not '}sent (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT).`
}
