import type { ServerResponse } from 'node:http'

/** Codes of the Connect protocol that envd answers with, and the HTTP status that each has in unary calls. */
const STATUS = {
  invalid_argument: 400,
  failed_precondition: 400,
  unauthenticated: 401,
  not_found: 404,
  already_exists: 409,
  internal: 500,
  unimplemented: 501,
  deadline_exceeded: 504,
} as const

export class ConnectError extends Error {
  readonly code: keyof typeof STATUS

  constructor(code: keyof typeof STATUS, message: string) {
    super(message)
    this.code = code
  }
}

/** One message of a stream: a flag byte, the length, and JSON. Flag 2 marks the last one. */
export function envelope(value: unknown, flags = 0): Buffer {
  const json = Buffer.from(JSON.stringify(value))
  const prefix = Buffer.alloc(5)
  prefix[0] = flags
  prefix.writeUInt32BE(json.length, 1)
  return Buffer.concat([prefix, json])
}

/** The message in a request, which a streaming call wraps. */
export function readMessage(body: Buffer, contentType: string): Record<string, unknown> {
  const json = contentType.startsWith('application/connect+json') ? body.subarray(5) : body
  return JSON.parse(json.length === 0 ? '{}' : json.toString('utf8'))
}

export function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/connect+json' })
}

/** Ends a stream, whether it went well or not. */
export function endStream(response: ServerResponse, error?: ConnectError): void {
  response.end(envelope(error ? { error: { code: error.code, message: error.message } } : {}, 2))
}

export function answerUnary(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

export function refuseUnary(response: ServerResponse, error: ConnectError): void {
  response
    .writeHead(STATUS[error.code], { 'content-type': 'application/json' })
    .end(JSON.stringify({ code: error.code, message: error.message }))
}
