import { BackspaceError } from '../errors.ts'

/**
 * The raw bytes of a request's body, read no further than the limit allows.
 *
 * @throws {BackspaceError} `body_too_large`; `bad_request` when the client broke off.
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
 * Lets only `application/json` through, in UTF-8 and not compressed: the size that is limited is then the size
 * that is parsed, and a page of another site cannot send it without the browser asking us first.
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
    // The parser's own words would quote the body.
    throw new BackspaceError('bad_request', 'The body is not valid JSON.')
  }
}

function tooLarge(limitBytes: number): BackspaceError {
  return new BackspaceError('body_too_large', `The body is larger than ${limitBytes / 1_048_576} MiB.`)
}

/**
 * How much the `Accept` header wants a media type: its `q` by the most specific range that names it, 0 when it is
 * not wanted. `exact` ignores ranges with `*`.
 */
function acceptQuality(
  accept: string | undefined,
  type: string,
  { exact }: { readonly exact: boolean } = { exact: false },
): number {
  if (accept === undefined || accept.trim() === '') return exact ? 0 : 1
  const ranges = exact ? [type] : [type, `${type.split('/')[0]}/*`, '*/*']
  const entries = accept.split(',').map(readRange)
  for (const range of ranges) {
    const entry = entries.find((candidate) => candidate.range === range)
    if (entry) return entry.q
  }
  return 0
}

/** True when a browser asks: HTML is named, and wanted more than JSON. */
export function prefersHtml(accept: string | undefined): boolean {
  const html = acceptQuality(accept, 'text/html', { exact: true })
  return html > 0 && html > acceptQuality(accept, 'application/json', { exact: true })
}

/** True when only JSON will do: it is named, and neither an event stream nor anything at all would be welcome. */
export function wantsOnlyJson(accept: string | undefined): boolean {
  return (
    acceptQuality(accept, 'application/json', { exact: true }) > 0 &&
    acceptQuality(accept, 'text/event-stream', { exact: true }) === 0 &&
    acceptQuality(accept, '*/*', { exact: true }) === 0
  )
}

function readRange(text: string): { readonly range: string; readonly q: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  const quality = q === undefined ? 1 : Number(q)
  return { range, q: Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 0 }
}
