import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { BackspaceError } from '../errors.ts'

/** The largest body of an API request, in bytes. */
const API_BODY_LIMIT = 1_048_576

/**
 * The JSON body of an API request.
 *
 * @throws {BackspaceError} `unsupported_media_type`, `body_too_large`, `bad_request`.
 */
export async function readJson(request: Request): Promise<unknown> {
  requireJson(request)
  return parseJson(await readBody(request, API_BODY_LIMIT))
}

/**
 * The raw bytes of a request's body, read no further than the limit allows.
 *
 * @throws {BackspaceError} `body_too_large`; `bad_request` when the connection breaks.
 */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limitBytes) throw tooLarge(limitBytes)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > limitBytes) throw tooLarge(limitBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof BackspaceError) throw error
    throw new BackspaceError('bad_request', 'The body ended before it was complete. Send it again.', {
      cause: error,
    })
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/**
 * Accepts only `application/json`, in UTF-8 and not compressed. The size that is limited is then the size that is
 * parsed, and a page of another site cannot send such a request without a CORS preflight.
 *
 * @throws {BackspaceError} `unsupported_media_type`.
 */
export function requireJson(request: Request): void {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (
    type === 'application/json' &&
    [undefined, 'utf-8', '"utf-8"'].includes(charset) &&
    encoding === 'identity'
  ) {
    return
  }
  throw new BackspaceError(
    'unsupported_media_type',
    'Send JSON in UTF-8, not compressed, with the header "Content-Type: application/json".',
  )
}

/** @throws {BackspaceError} `bad_request` when the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's message would quote the body.
    throw new BackspaceError('bad_request', 'The body is not valid JSON.')
  }
}

function tooLarge(limitBytes: number): BackspaceError {
  return new BackspaceError('body_too_large', `The body is larger than ${limitBytes / 1_048_576} MiB.`)
}

/** True when a browser asks: the request names HTML, and prefers it to JSON. */
export function prefersHtml(c: Context): boolean {
  return answersWith(c, 'text/html', (q) => q('text/html') > q('application/json'))
}

/** True when only JSON will do: the request names it, and accepts neither an event stream nor anything at all. */
export function wantsOnlyJson(c: Context): boolean {
  return answersWith(
    c,
    'application/json',
    (q) => q('application/json') > 0 && q('text/event-stream') === 0 && q('*/*') === 0,
  )
}

/**
 * Hono parses the `Accept` header; the decision is ours, because its default match lets a wildcard stand for a type
 * and decides ties by order.
 *
 * @param decide gets the quality of a range by its exact name: 0 when the request does not name it.
 */
function answersWith(
  c: Context,
  type: string,
  decide: (quality: (range: string) => number) => boolean,
): boolean {
  const chosen = accepts(c, {
    header: 'Accept',
    supports: [type],
    default: '',
    match: (ranges) =>
      decide((name) => ranges.find((range) => range.type.toLowerCase() === name)?.q ?? 0) ? type : '',
  })
  return chosen === type
}
