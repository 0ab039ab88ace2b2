import { lookup } from 'node:dns/promises'
import { BlockList } from 'node:net'

/** Networks that are not the internet: this machine, its neighbours, metadata services of clouds. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Also the ranges that stand for IPv4 addresses in another form. */
const NOT_PUBLIC_V6 = [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

export interface Address {
  readonly address: string
  readonly family: number
}

/**
 * An internet address of a host. The caller connects to that address, not to the name: a second look-up might
 * answer with an address of this network (DNS rebinding).
 *
 * @returns undefined when the name has no public address.
 */
export async function resolvePublicAddress(
  host: string,
  resolve: (host: string) => Promise<readonly Address[]> = resolveAll,
): Promise<string | undefined> {
  const addresses = await resolve(host)
  return addresses.find(isPublic)?.address
}

function resolveAll(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true })
}

/** One list for each family: in a common one, the range of IPv4 addresses written as IPv6 would match all of IPv4. */
function isPublic({ address, family }: Address): boolean {
  const [kind, networks] =
    family === 6 ? (['ipv6', NOT_PUBLIC_V6] as const) : (['ipv4', NOT_PUBLIC_V4] as const)
  const list = new BlockList()
  for (const network of networks) {
    const [prefix = '', bits] = network.split('/')
    list.addSubnet(prefix, Number(bits), kind)
  }
  return !list.check(address, kind)
}
