/** The service refused a request or failed, or did not answer at all. */
export class BackspaceApiError extends Error {
  override readonly name = 'BackspaceApiError'
  /** The `code` of the error's body: `unauthorized`, `not_found`, `conflict` …; `unreachable` without an answer. */
  readonly code: string
  /** HTTP status; 0 without an answer. */
  readonly status: number
  /** `X-Request-Id` of the answer, for the operator's log. */
  readonly requestId: string | undefined
  /** How long the service asks to wait before a retry, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    facts: {
      readonly code: string
      readonly status: number
      readonly requestId?: string | undefined
      readonly retryAfterMs?: number | undefined
      readonly cause?: unknown
    },
  ) {
    super(message, { cause: facts.cause })
    this.code = facts.code
    this.status = facts.status
    this.requestId = facts.requestId
    this.retryAfterMs = facts.retryAfterMs
  }
}

/** Reads the error from an answer that is not a success, and consumes its body. */
export async function readApiError(response: Response): Promise<BackspaceApiError> {
  const { status, headers } = response
  const facts = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterMs: readRetryAfter(headers.get('retry-after')),
  }
  const text = await response.text().catch(() => '')
  const { code, message } = readErrorBody(text)
  if (code !== undefined && message !== undefined) return new BackspaceApiError(message, { ...facts, code })
  // A proxy in between may answer with a body of its own.
  return new BackspaceApiError(`The service answered ${status}.`, { ...facts, code: `http_${status}` })
}

function readErrorBody(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const { error } = JSON.parse(text) as {
      readonly error?: { readonly code?: unknown; readonly message?: unknown }
    }
    const { code, message } = error ?? {}
    return typeof code === 'string' && typeof message === 'string' ? { code, message } : {}
  } catch {
    return {}
  }
}

/** Reads `Retry-After`, which is a number of seconds or a date. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}
