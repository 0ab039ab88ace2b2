import { knownError } from '../errors.ts'
import type { Said } from './finding.ts'

/** Codes of Node and of its HTTP client, and what they mean for an operator. */
const CAUSES: readonly (readonly [RegExp, string, string])[] = [
  [
    /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA)$/,
    'its name is not found',
    'Check DNS and the network of this machine.',
  ],
  [/^ECONNREFUSED$/, 'the connection is refused', 'Check the address, and that the server runs.'],
  [/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/, 'there is no route to it', 'Check the network of this machine.'],
  [
    /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|ABORT_ERR|23)$/,
    'it does not answer in time',
    'Look for a firewall that swallows the connection.',
  ],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired', 'Check the clock of this machine, and the server.'],
  [
    /CERT|^(UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERR_TLS)/,
    'its certificate is not trusted',
    'If a proxy of your network signs it, set NODE_EXTRA_CA_CERTS to the file with its certificate.',
  ],
  [
    /^(ECONNRESET|UND_ERR_SOCKET|EPIPE)$/,
    'the connection breaks off',
    'Look for a proxy or a firewall in between.',
  ],
]

/**
 * Why there was no answer, and what to do; undefined for an error that is itself an answer.
 *
 * @param environment the variables in which proxies are set.
 */
export function whyNoAnswer(
  error: unknown,
  environment: Readonly<Record<string, string>>,
): Pick<Said, 'fact' | 'next'> | undefined {
  const codes = codesOf(error)
  const found = CAUSES.find(([pattern]) => codes.some((code) => pattern.test(code)))
  if (!found && knownError(error)?.code !== 'github_unavailable') return undefined
  const [, why = 'it gave no proper answer', next = 'Try again in a minute.'] = found ?? []
  const proxy = Object.keys(environment).find((name) => /^https?_proxy$/i.test(name))
  const hint =
    proxy === undefined
      ? ''
      : ` ${proxy} is set: Node uses it only with NODE_USE_ENV_PROXY=1 in the environment.`
  return { fact: `out of reach: ${why}`, next: `${next}${hint}` }
}

/** The codes of the error and of all its causes, including those of several attempts at once. */
function codesOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > 8) return []
  const own = 'code' in error ? [String(error.code)] : []
  const attempts = error instanceof AggregateError ? error.errors : []
  return [...own, ...[error.cause, ...attempts].flatMap((cause) => codesOf(cause, depth + 1))]
}
