import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/**
 * The address that a request counts against: its socket's, or the one that a proxy named, if the operator trusts that
 * proxy. `X-Forwarded-For` of anyone else is a claim that a client can make up.
 *
 * @param trusted proxies: addresses or ranges (`10.0.0.0/8`).
 * @returns an IPv4 address, or the first 64 bits of an IPv6 address, since one client owns at least that many.
 */
export function createClientAddress(
  trusted: readonly string[],
): (incoming: Pick<IncomingMessage, 'socket' | 'headers'> | undefined) => string {
  const proxies = blockListOf(trusted)
  return (incoming) => {
    let address = withoutMapping(incoming?.socket.remoteAddress ?? '')
    // Each proxy appends the address that it saw, so the last one that is not our own proxy is the client's.
    const named = [incoming?.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').reverse()
    for (const hop of named.slice(0, 20)) {
      const next = withoutMapping(hop.trim())
      if (!contains(proxies, address) || isIP(next) === 0) break
      address = next
    }
    return isIP(address) === 6 ? prefixOf(address) : address
  }
}

/** @throws {Error} for a text that is neither an address nor a range. */
function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(network, family)
    else list.addSubnet(network, Number(bits), family)
  }
  return list
}

function contains(list: BlockList, address: string): boolean {
  const version = isIP(address)
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** A dual-stack socket shows IPv4 addresses as `::ffff:10.0.0.1`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

/** The address with its short form written out, cut after four of its eight groups. */
function prefixOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
