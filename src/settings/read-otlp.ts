import { readTracedPrivate } from './read-traced-private.ts'
import { isLoopback, type SettingsReader } from './settings-reader.ts'

/** Where OpenTelemetry traces are sent. The variables are those that OpenTelemetry specifies. */
export interface OtlpSettings {
  /** Full address with its path: `https://collector.example/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Limit for one export, retries included. */
  readonly timeoutMs: number
  readonly sampler: {
    readonly kind: 'always_on' | 'always_off' | 'traceidratio'
    readonly parentBased: boolean
    readonly ratio: number
  }
  /** Attributes that identify this service, such as `service.name`. */
  readonly resource: Readonly<Record<string, string>>
  /** Whether prompts, answers, and the arguments and results of tools are sent. */
  readonly content: boolean
  /** Private repositories whose runs are traced as well; patterns of `owner/name`. */
  readonly privateRepositories: readonly string[]
}

const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const

/** Values that allow sending content: the instrumentations of different languages take different ones. */
const CONTENT_WORDS = ['true', 'span_only', 'span_and_event']

/**
 * Reads the settings of OpenTelemetry.
 * Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and …/protocol/exporter/
 *
 * @returns undefined without an endpoint, or when OpenTelemetry is switched off.
 */
export function readOtlp(reader: SettingsReader): OtlpSettings | undefined {
  const url = readEndpoint(reader)
  const privateRepositories = readTracedPrivate(reader, 'BACKSPACE_OTEL_TRACE_PRIVATE')
  const sampler = readSampler(reader)
  const timeoutMs = reader.integer('OTEL_EXPORTER_OTLP_TIMEOUT', { min: 1, max: 600_000 })
  const protocol = reader.get('OTEL_EXPORTER_OTLP_PROTOCOL')
  const exporter = reader.oneOf('OTEL_TRACES_EXPORTER', ['otlp', 'none'])
  const isOff = exporter === 'none' || reader.get('OTEL_SDK_DISABLED')?.toLowerCase() === 'true'
  if (!url || isOff) return undefined
  if (protocol !== 'http/protobuf') {
    reader.problem(
      'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, which every collector takes at port 4318.',
    )
  }
  const headers = {
    ...pairs(reader, 'OTEL_EXPORTER_OTLP_HEADERS'),
    ...pairs(reader, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
  }
  const content = CONTENT_WORDS.includes(
    reader.get('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT')?.toLowerCase() ?? '',
  )
  refusePlainHttp(reader, { url, holdsSecrets: content || Object.keys(headers).length > 0 })
  const serviceName = reader.get('OTEL_SERVICE_NAME')
  const named = pairs(reader, 'OTEL_RESOURCE_ATTRIBUTES')
  const resource = { 'service.name': 'backspace', ...named }
  if (serviceName) resource['service.name'] = serviceName
  return { url, headers, timeoutMs, sampler, resource, content, privateRepositories }
}

/**
 * The address for traces. An endpoint for traces is taken as it is; to one for everything, the path for traces is
 * added.
 */
function readEndpoint(reader: SettingsReader): string | undefined {
  const traces = readAddress(reader, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  const all = readAddress(reader, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  return traces ?? (all && `${all.replace(/\/+$/, '')}/v1/traces`)
}

function readAddress(
  reader: SettingsReader,
  name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' | 'OTEL_EXPORTER_OTLP_ENDPOINT',
): string | undefined {
  const value = reader.get(name)
  if (!value) return undefined
  if (/^https?:\/\//i.test(value) && URL.canParse(value)) return value
  reader.problem(`${name} must be an http or https address, such as http://127.0.0.1:4318.`)
  return undefined
}

/** Allows plain http only if no keys and no code are sent. A collector beside the service often has no TLS. */
function refusePlainHttp(
  reader: SettingsReader,
  { url, holdsSecrets }: { readonly url: string; readonly holdsSecrets: boolean },
): void {
  const { protocol } = new URL(url)
  if (protocol !== 'http:' || !holdsSecrets || isLoopback(new URL(url))) return
  reader.problem(
    'The OTLP endpoint is plain http to another machine, so headers and what people and models wrote would cross the network in the clear. Use https, or leave out OTEL_EXPORTER_OTLP_HEADERS and OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT.',
  )
}

function readSampler(reader: SettingsReader): OtlpSettings['sampler'] {
  const name = reader.oneOf('OTEL_TRACES_SAMPLER', SAMPLERS)
  const kind = name.replace('parentbased_', '') as OtlpSettings['sampler']['kind']
  const argument = reader.get('OTEL_TRACES_SAMPLER_ARG') ?? '1'
  const ratio = /^\d*\.?\d+$/.test(argument) ? Number(argument) : Number.NaN
  if (kind === 'traceidratio' && !(ratio >= 0 && ratio <= 1)) {
    reader.problem('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: the share of runs that are traced.')
  }
  return { kind, parentBased: name.startsWith('parentbased_'), ratio: Number.isNaN(ratio) ? 1 : ratio }
}

/** Reads `name=value,name=value`, where values may be percent-encoded, as in the W3C's Baggage. */
function pairs(
  reader: SettingsReader,
  name: 'OTEL_EXPORTER_OTLP_HEADERS' | 'OTEL_EXPORTER_OTLP_TRACES_HEADERS' | 'OTEL_RESOURCE_ATTRIBUTES',
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const item of reader.list(name)) {
    const [, key, value] = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*)$/.exec(item) ?? []
    const decoded = value === undefined ? undefined : decode(value)
    if (key === undefined || decoded === undefined) {
      reader.problem(`${name} must be a list of name=value, separated by commas.`)
      return {}
    }
    found[key] = decoded
  }
  return found
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
