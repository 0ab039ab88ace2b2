import { domainToASCII } from 'node:url'
import type { Cause } from './cause.ts'
import { named } from './cause.ts'

/**
 * Finds a host that a command could not reach in its output, for sandboxes that cannot say which hosts were
 * refused. Undefined if no line is about the network.
 *
 * @param lines without colours, of bounded length.
 * @param egressHosts hosts that code in the sandbox may reach; `*.example.org` covers subdomains.
 */
export function findUnreached(lines: readonly string[], egressHosts: readonly string[]): Cause | undefined {
  const failed = lines.findIndex((line) => UNREACHED.test(line))
  if (failed < 0) return undefined
  // The host is on the same line or close to it.
  const near = [...lines.slice(failed, failed + 6), ...lines.slice(Math.max(0, failed - 6), failed)]
  const host = near.map(hostIn).find((name) => name !== undefined)
  if (near.some((line) => UNTRUSTED.test(line))) {
    const whose = host === undefined ? 'of a host' : `of ${named(host)}`
    return {
      kind: 'network',
      text: `the certificate ${whose} is not trusted in the sandbox`,
      advice: TRUST_ADVICE,
    }
  }
  if (host === undefined) {
    return { kind: 'network', text: 'it could not reach the network', advice: EGRESS_ADVICE }
  }
  if (isListed(host, egressHosts)) {
    return {
      kind: 'network',
      text: `it could not reach ${named(host)}`,
      advice: 'The host is allowed, so it did not answer. Try again later.',
    }
  }
  return {
    kind: 'network',
    text: `it could not reach ${named(host)}: it is not in BACKSPACE_EGRESS`,
    advice: egressLine([host]),
  }
}

/** Matches errors about certificates, which a company's proxy may have replaced. */
const UNTRUSTED =
  /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_[A-Z_]{1,30}_CERT|CERT_HAS_EXPIRED|[Cc]ertificate verif|self[- ]signed certificate|local issuer certificate|x509: certificate|SSL certificate problem|invalid peer certificate|PKIX path building failed/
const TRUST_ADVICE =
  'If a proxy of yours replaces certificates, set SSL_CERT_FILE and NODE_EXTRA_CA_CERTS where Backspace runs, or use a sandbox template that trusts them.'

const EGRESS_ADVICE = 'Add the hosts that it needs to BACKSPACE_EGRESS.'

/** The advice for an operator to allow hosts that were refused. */
export function egressLine(hosts: readonly string[]): string {
  return `To allow ${hosts.length === 1 ? 'it' : 'them'}, add ${named(`,${hosts.join(',')}`, 300)} to BACKSPACE_EGRESS.`
}

/** Matches network errors in the words of resolvers, TLS and proxies. */
const UNREACHED =
  /\bENOTFOUND\b|\bEAI_AGAIN\b|\bECONNREFUSED\b|\bECONNRESET\b|\bETIMEDOUT\b|\bENETUNREACH\b|\bEHOSTUNREACH\b|ERR_SOCKET_TIMEOUT|Could not resolve host|[Cc]ould not resolve hostname|[Ff]ailed to resolve|Name or service not known|Temporary failure in name resolution|[Nn]o such host|nodename nor servname|Failed to establish a new connection|(?:Connection|connection) (?:refused|reset|timed out|broken)|connect(?:ion)? timed? ?out|Network is unreachable|No route to host|Failed to connect to|Couldn't connect to server|CONNECT tunnel failed|[Tt]unnel connection failed|tunneling socket could not be established|Unable to tunnel through proxy|Proxy CONNECT aborted|ProxyError|Unknown host|UnknownHostException|dial tcp|ConnectTimeoutError|Max retries exceeded|spurious network error|network failure seems to have happened|error sending request for url|getaddrinfo|SSL_ERROR_SYSCALL|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_[A-Z_]{1,30}_CERT|CERT_HAS_EXPIRED|[Cc]ertificate verif|self[- ]signed certificate|local issuer certificate|x509: certificate|SSL certificate problem|invalid peer certificate|PKIX path building failed/

const HOST = '((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,8}[a-z][a-z0-9-]{1,30})'
/** Capture the host that a tool names; the most reliable pattern is first. */
const NAMES = [
  `(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|[Rr]esolve host(?:name)?:?|Unknown host|UnknownHostException:|host=|lookup|Failed to connect to|resolve address for|tunnel to)\\s{0,2}['"\`]?${HOST}`,
  `(?:https?|git|ssh)://(?:[^\\s/@'"]{1,100}@)?${HOST}`,
].map((pattern) => new RegExp(pattern, 'i'))

function hostIn(line: string): string | undefined {
  for (const pattern of NAMES) {
    const host = pattern.exec(line)?.[1]?.toLowerCase()
    if (host !== undefined && domainToASCII(host) === host) return host
  }
  return undefined
}

function isListed(host: string, egressHosts: readonly string[]): boolean {
  return egressHosts.some((listed) =>
    listed.startsWith('*.') ? host.endsWith(listed.slice(1)) : host === listed,
  )
}
