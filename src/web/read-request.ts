import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { BackspaceError } from '../errors.ts'
import type { ReadBody } from './read-body.ts'

/** Limits for the body of an API request. */
const API_BODY_LIMIT = { bytes: 1_048_576, ms: 30_000 }

/**
 * Reads the JSON body of an API request.
 *
 * @throws {BackspaceError} `unsupported_media_type`, `body_too_large`, `bad_request`, `unavailable`.
 */
export async function readJson(request: Request, readBody: ReadBody): Promise<unknown> {
  requireJson(request)
  return parseJson(await readBody(request, API_BODY_LIMIT, (body) => body.bytes()))
}

/**
 * Accepts only `application/json`, in UTF-8 and not compressed. The limited size is then the size that is parsed, and a
 * page of another site cannot send such a request without a CORS preflight.
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

/** Most levels of nesting. GitHub's payloads have about ten; parsing a million takes far longer than counting them. */
const MOST_LEVELS = 200

/** Whether JSON nests arrays and objects more deeply than `levels`. Takes one pass over the bytes. */
function isNestedDeeper(json: Uint8Array, most: number): boolean {
  let level = 0
  let inText = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (inText) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) inText = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++level > most) return true
    } else if (byte === 0x5d || byte === 0x7d) level--
  }
  return false
}

/** @throws {BackspaceError} `bad_request` when the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  if (isNestedDeeper(bytes, MOST_LEVELS)) {
    throw new BackspaceError('bad_request', `The body is nested more than ${MOST_LEVELS} levels deep.`)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's message would quote the body.
    throw new BackspaceError('bad_request', 'The body is not valid JSON.')
  }
}

/** Whether a browser sent the request: it names HTML, and prefers HTML to JSON. */
export function prefersHtml(c: Context): boolean {
  return answersWith(c, 'text/html', (q) => q('text/html') > q('application/json'))
}

/** Whether the client wants JSON only: the request names JSON, and accepts neither an event stream nor a wildcard. */
export function wantsOnlyJson(c: Context): boolean {
  return answersWith(
    c,
    'application/json',
    (q) => q('application/json') > 0 && q('text/event-stream') === 0 && q('*/*') === 0,
  )
}

/**
 * Lets Hono parse the `Accept` header, but decides itself, because Hono's default lets a wildcard match a type and
 * decides ties by order.
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
