import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/' }

test('an endpoint is enough: traces go to its path, without what people and models wrote', () => {
  expect(readConfig({}).otlp).toBeUndefined()
  expect(readConfig({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }).otlp).toBeUndefined()
  expect(readConfig({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }).otlp).toBeUndefined()
  expect(readConfig(ENDPOINT).otlp).toEqual({
    url: 'http://127.0.0.1:4318/v1/traces',
    headers: {},
    timeoutMs: 10_000,
    sampler: { kind: 'always_on', parentBased: true, ratio: 1 },
    resource: { 'service.name': 'backspace' },
    content: false,
    privateRepositories: [],
  })
})

test('the standard variables mean what OpenTelemetry says, and headers are secrets', () => {
  const config = readConfig({
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/here',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=blue, authorization=Basic%20c2VjcmV0OnNlY3JldA==',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=green',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,team=platform',
    OTEL_SERVICE_NAME: 'backspace-eu',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '.25',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'True',
    BACKSPACE_OTEL_TRACE_PRIVATE: 'acme/*',
  })
  expect(config.otlp).toMatchObject({
    url: 'https://traces.example/here',
    headers: { 'x-team': 'green', authorization: 'Basic c2VjcmV0OnNlY3JldA==' },
    sampler: { kind: 'traceidratio', parentBased: true, ratio: 0.25 },
    resource: { 'service.name': 'backspace-eu', team: 'platform' },
    content: true,
    privateRepositories: ['acme/*'],
  })
  expect(config.secrets).toContain('Basic c2VjcmV0OnNlY3JldA==')
})

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, /OTEL_EXPORTER_OTLP_ENDPOINT must be an http/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /must be http\/protobuf/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'no pair' }, /OTEL_EXPORTER_OTLP_HEADERS must be a list/],
  [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /OTEL_TRACES_SAMPLER must be one of/],
  [
    { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
    /OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1/,
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' },
    /plain http to another machine/,
  ],
])('%j is refused with what to do', (env, problem) => {
  expect(() => readConfig(env)).toThrow(problem)
})

test('a collector beside the service may speak plain http, as long as nothing secret goes there', () => {
  expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).otlp?.url).toBe(
    'http://collector:4318/v1/traces',
  )
})
