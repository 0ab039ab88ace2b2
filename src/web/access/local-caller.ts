import type { IncomingMessage } from 'node:http'

/**
 * True when the request comes from this machine itself: the socket is loopback, the client addressed it as
 * localhost (a web page that rebinds its own name to 127.0.0.1 does not), and no proxy header shows that it was forwarded.
 */
export function isLocalCaller(
  incoming: Pick<IncomingMessage, 'socket' | 'headers' | 'url'> | undefined,
): boolean {
  if (!incoming) return false
  const { socket, headers, url } = incoming
  return (
    isLoopback(socket.remoteAddress) &&
    /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(headers.host ?? '') &&
    // A request to a proxy names a whole address, whose host may differ from the header.
    url?.startsWith('/') === true &&
    !Object.keys(headers).some(isForwardingHeader)
  )
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i.test(address)
}

/** Node gives header names in lower case. */
function isForwardingHeader(name: string): boolean {
  return (
    FORWARDING_HEADERS.has(name) ||
    /^(?:x-forwarded|x-original|x-envoy|x-amzn|x-azure|x-appengine|cf)-/.test(name)
  )
}

const FORWARDING_HEADERS: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-proxyuser-ip',
  'x-remote-ip',
  'x-remote-addr',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'cdn-loop',
  'client-ip',
  'proxy-connection',
])
