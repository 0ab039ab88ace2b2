import { BackspaceError } from '../errors.ts'

export interface BodyLimit {
  /** Bytes of the largest body. */
  readonly bytes: number
  /** How long a body may take to arrive, in milliseconds. */
  readonly ms: number
}

/** A body as it arrived. Valid only while `use` runs. */
export interface ReceivedBody {
  readonly chunks: readonly Uint8Array[]
  bytes(): Uint8Array<ArrayBuffer>
  text(): string
}

/**
 * Reads a request's body and passes it to `use`. Until `use` returns, the body counts as in flight.
 *
 * @throws {BackspaceError} `body_too_large`; `unavailable` when too many bytes are in flight; `bad_request` when the body
 * is late or the connection breaks.
 */
export type ReadBody = <T>(
  request: Request,
  limit: BodyLimit,
  use: (body: ReceivedBody) => T | Promise<T>,
) => Promise<T>

/** Most bytes of all bodies that may be in memory before they are checked. */
const IN_FLIGHT_BYTES = 64 * 1_048_576

interface InFlight {
  chunks: Uint8Array[]
  bytes: number
  refused: BackspaceError | undefined
  /** Rejects when `refused` is set. */
  readonly refusal: PromiseWithResolvers<never>
}

/**
 * The bodies of all requests share `capBytes`. When they exceed it, the largest body is refused, so that a flood of large
 * bodies does not crowd out the small ones of GitHub.
 */
export function createReadBody(capBytes: number = IN_FLIGHT_BYTES): ReadBody {
  const inFlight = new Set<InFlight>()
  let total = 0

  function add(body: InFlight, chunk: Uint8Array): void {
    body.chunks.push(chunk)
    body.bytes += chunk.byteLength
    total += chunk.byteLength
    while (total > capBytes) refuse(largestOf(inFlight), tooMuchInFlight())
  }

  function forget(body: InFlight): void {
    inFlight.delete(body)
    total -= body.bytes
    body.chunks = []
    body.bytes = 0
  }

  function refuse(body: InFlight, error: BackspaceError): void {
    forget(body)
    body.refused = error
    body.refusal.reject(error)
  }

  return async (request, limit, use) => {
    const announced = Number(request.headers.get('content-length') ?? 0)
    if (announced > limit.bytes) throw tooLarge(limit.bytes)
    const body: InFlight = { chunks: [], bytes: 0, refused: undefined, refusal: Promise.withResolvers() }
    // It may reject while no read awaits it, which must not count as an unhandled rejection.
    body.refusal.promise.catch(() => undefined)
    inFlight.add(body)
    const late = setTimeout(() => refuse(body, tooLate(limit.ms)), limit.ms)
    const reader = request.body?.getReader()
    try {
      while (reader) {
        const { done, value } = await Promise.race([reader.read(), body.refusal.promise])
        if (body.refused) throw body.refused
        if (done) break
        if (body.bytes + value.byteLength > limit.bytes) throw tooLarge(limit.bytes)
        add(body, value)
      }
      return await use(receivedBody(body.chunks))
    } catch (error) {
      reader?.cancel().catch(() => undefined)
      if (error instanceof BackspaceError) throw error
      throw new BackspaceError('bad_request', 'The body ended before it was complete. Send it again.', {
        cause: error,
      })
    } finally {
      clearTimeout(late)
      forget(body)
    }
  }
}

function largestOf(bodies: ReadonlySet<InFlight>): InFlight {
  return [...bodies].reduce((largest, body) => (body.bytes > largest.bytes ? body : largest))
}

function receivedBody(chunks: readonly Uint8Array[]): ReceivedBody {
  const bytes = () => Buffer.concat(chunks)
  return { chunks, bytes, text: () => bytes().toString('utf8') }
}

function tooLarge(limitBytes: number): BackspaceError {
  const limit = limitBytes < 1_048_576 ? `${limitBytes / 1024} KiB` : `${limitBytes / 1_048_576} MiB`
  return new BackspaceError('body_too_large', `The body is larger than ${limit}.`)
}

function tooMuchInFlight(): BackspaceError {
  return new BackspaceError(
    'unavailable',
    'Too many large requests arrive at once. Send it again in a moment.',
    {
      facts: { limit: 'bodies_in_flight', retryAfterSeconds: 5 },
    },
  )
}

function tooLate(ms: number): BackspaceError {
  return new BackspaceError('bad_request', `The body did not arrive within ${ms / 1000} seconds.`)
}
