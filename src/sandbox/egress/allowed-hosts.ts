import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { normaliseHost } from '../box/host-name.ts'

/** Forbidden for every name: this machine, its links, cloud metadata services, and IPv6 forms of IPv4 addresses. */
const FORBIDDEN = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.0/24',
  '192.88.99.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
  'fd00:ec2::/32',
  'fd20:ce::/32',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]
/** Private networks: an internal mirror may be there, but also services that must stay out of reach. */
const INTERNAL = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '100::/64',
  '2001:db8::/32',
  'fc00::/7',
]

interface Address {
  readonly address: string
  readonly family: number
}

interface ResolveOptions {
  /** True if the operator listed this exact name, which may then be a mirror in the operator's own network. */
  readonly named: boolean
  readonly resolve?: (host: string) => Promise<readonly Address[]>
}

/**
 * An address of a host that code in a sandbox may reach. Connect to this address, not to the name: a second look-up may
 * return another one (DNS rebinding).
 *
 * @returns undefined if the name has no such address.
 */
export async function resolveAllowedAddress(
  host: string,
  { named, resolve = resolveAll }: ResolveOptions,
): Promise<string | undefined> {
  const addresses = await resolve(host)
  const networks = named ? FORBIDDEN : [...FORBIDDEN, ...INTERNAL]
  return addresses.find((address) => !isIn(networks, address))?.address
}

function resolveAll(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true })
}

/** Checks one family at a time. In a list of both, the range of IPv4 addresses in IPv6 form would match all of IPv4. */
function isIn(networks: readonly string[], { address, family }: Address): boolean {
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  for (const network of networks.filter((text) => text.includes(':') === (family === 6))) {
    const [prefix = '', bits] = network.split('/')
    list.addSubnet(prefix, Number(bits), kind)
  }
  return list.check(address, kind)
}

/**
 * Whether a host name is on a list of names and patterns. `*.example.org` covers every name below `example.org`, at any
 * depth, but not `example.org` itself. IP addresses are never allowed, only names.
 */
export function isHostAllowed(host: string, allowHosts: readonly string[]): boolean {
  const name = normaliseHost(host)
  if (name === '' || isIP(name) !== 0 || !/^[a-z0-9._-]+$/.test(name)) return false
  return allowHosts.map(normaliseHost).some((allowed) => {
    if (!allowed.startsWith('*.')) return name === allowed
    const suffix = allowed.slice(1)
    return suffix.length > 1 && name.endsWith(suffix) && name.length > suffix.length
  })
}

/** Whether the list has this exact name, not just a pattern that covers it. */
export function isHostNamed(host: string, allowHosts: readonly string[]): boolean {
  return allowHosts.map(normaliseHost).includes(normaliseHost(host))
}
