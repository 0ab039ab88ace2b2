import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { BinaryReader } from '@bufbuild/protobuf/wire'

/** A collector that takes traces by OTLP over HTTP with protobuf, or is slow or refuses. */
export interface OtlpStandIn {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string
  spans(): readonly OtlpSpan[]
  /** Attributes of the resource of the last export. */
  resource(): Attributes
  headers(): IncomingHttpHeaders
  /** All text that reached it, for the canary search. */
  received(): string
  fault: 'none' | 'refuse' | 'error' | 'hang'
  close(): Promise<void>
}

type Attributes = Readonly<Record<string, unknown>>

export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root. */
  readonly parentId: string
  readonly name: string
  /** 1 internal, 3 client. */
  readonly kind: number
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[]
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string }
}

export async function startOtlp(): Promise<OtlpStandIn> {
  const spans: OtlpSpan[] = []
  const bodies: Buffer[] = []
  let resource: Attributes = {}
  let headers: IncomingHttpHeaders = {}
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      headers = request.headers
      bodies.push(body)
      if (standIn.fault === 'hang') return
      const right =
        request.method === 'POST' &&
        request.url === '/v1/traces' &&
        headers['content-type'] === 'application/x-protobuf'
      const status = standIn.fault === 'error' ? 503 : standIn.fault === 'refuse' ? 401 : right ? 200 : 400
      if (status === 200) {
        const decoded = readExport(body)
        spans.push(...decoded.spans)
        resource = decoded.resource
      }
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const standIn: OtlpStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    resource: () => resource,
    headers: () => headers,
    received: () => Buffer.concat(bodies).toString('latin1'),
    fault: 'none',
    async close() {
      server.closeAllConnections()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
  return standIn
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

type Read = (reader: BinaryReader) => unknown

/** How a field is called and read; `[read]` for one that may come several times. */
type Fields = Readonly<Record<number, readonly [name: string, read: Read | readonly [Read]]>>

/**
 * Reads a message of protobuf field by field; unknown fields are skipped, as a collector does. The numbers are those of
 * opentelemetry-proto (trace/v1/trace.proto, common/v1/common.proto).
 */
function readMessage(bytes: Uint8Array, fields: Fields): Record<string, unknown> {
  const reader = new BinaryReader(bytes)
  const found: Record<string, unknown> = {}
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag()
    const [name, read] = fields[number] ?? []
    if (name === undefined || read === undefined) reader.skip(wire, number)
    else if (typeof read === 'function') found[name] = read(reader)
    else found[name] = [...((found[name] as unknown[] | undefined) ?? []), read[0](reader)]
  }
  return found
}

const message = (fields: Fields) => (reader: BinaryReader) => readMessage(reader.bytes(), fields)
const text: Read = (reader) => reader.string()
const hex: Read = (reader) => Buffer.from(reader.bytes()).toString('hex')
const number: Read = (reader) => reader.int32()
const milliseconds: Read = (reader) => Number(BigInt(reader.fixed64()) / 1_000_000n)

const anyValue: Read = (reader) =>
  Object.values(
    message({
      1: ['text', text],
      2: ['bool', (inner) => inner.bool()],
      3: ['int', (inner) => Number(inner.int64())],
      4: ['double', (inner) => inner.double()],
      5: ['array', (inner) => message({ 1: ['items', [anyValue]] })(inner).items],
    })(reader),
  )[0]

const keyValue = message({ 1: ['key', text], 2: ['value', anyValue] })
const STATUS = { 2: ['message', text], 3: ['code', number] } as const
const EVENT = { 2: ['name', text], 3: ['attributes', [keyValue]] } as const
const SPAN: Fields = {
  1: ['traceId', hex],
  2: ['spanId', hex],
  4: ['parentId', hex],
  5: ['name', text],
  6: ['kind', number],
  7: ['startMs', milliseconds],
  8: ['endMs', milliseconds],
  9: ['attributes', [keyValue]],
  11: ['events', [message(EVENT)]],
  15: ['status', message(STATUS)],
}
const SCOPE_SPANS = { 2: ['spans', [message(SPAN)]] } as const
const RESOURCE = { 1: ['attributes', [keyValue]] } as const
const RESOURCE_SPANS = { 1: ['resource', message(RESOURCE)], 2: ['scopes', [message(SCOPE_SPANS)]] } as const

interface Pair {
  readonly key: string
  readonly value: unknown
}

interface Decoded {
  readonly groups?: readonly {
    readonly resource: { readonly attributes?: readonly Pair[] }
    readonly scopes: readonly { readonly spans: readonly DecodedSpan[] }[]
  }[]
}

type DecodedSpan = Omit<OtlpSpan, 'attributes' | 'events' | 'status'> & {
  readonly attributes?: readonly Pair[]
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly Pair[] }[]
  readonly status?: Partial<OtlpSpan['status']>
}

const named = (pairs: readonly Pair[] = []) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]))

function readExport(bytes: Uint8Array): {
  readonly spans: readonly OtlpSpan[]
  readonly resource: Attributes
} {
  const { groups = [] } = readMessage(bytes, { 1: ['groups', [message(RESOURCE_SPANS)]] }) as Decoded
  const spans = groups.flatMap(({ scopes }) => scopes.flatMap((scope) => scope.spans))
  return {
    resource: named(groups.at(-1)?.resource.attributes),
    spans: spans.map((span) => ({
      ...span,
      parentId: span.parentId ?? '',
      attributes: named(span.attributes),
      events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: named(attributes) })),
      status: { code: 0, message: '', ...span.status },
    })),
  }
}
