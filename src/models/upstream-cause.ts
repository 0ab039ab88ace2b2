import { createRedact } from '../redaction.ts'

/**
 * What a provider answered, for the log: bounded and without secrets. SDK errors themselves are never attached
 * as `cause`, since they carry headers and whole bodies.
 */
export function upstreamCause({
  text,
  requestId,
  apiKey,
}: {
  text: string | undefined
  requestId: string | undefined
  apiKey: string
}): Error {
  const said = createRedact([apiKey])(text ?? 'no details').slice(0, 500)
  return new Error(requestId ? `${said} (request ${requestId})` : said)
}
