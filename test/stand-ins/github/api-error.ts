import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A refusal with GitHub's status and words; the server turns it into GitHub's JSON. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode
  readonly extra: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: ContentfulStatusCode,
    text: string,
    extra: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(text)
    this.status = status
    this.extra = extra
    this.headers = headers
  }
}

/** 404 as GitHub says it for what does not exist and for what the caller may not know about. */
export function notFound(): ApiError {
  return new ApiError(404, 'Not Found')
}

/** 422 `Validation Failed` with GitHub's list of what is wrong. */
export function validationFailed(
  resource: string,
  problem: Readonly<{ code: string; field?: string; message?: string }>,
): ApiError {
  return new ApiError(422, 'Validation Failed', { errors: [{ resource, ...problem }] })
}
