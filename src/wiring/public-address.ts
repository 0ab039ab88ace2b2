import { BlockList, isIP } from 'node:net'
import { runUrls } from '../web/run-view.ts'

/**
 * The address at which people on GitHub can open pages of this service: PUBLIC_URL if it is set, else the address that
 * the service listens on, unless only this machine or its own network can reach that.
 *
 * @param settings.listening the server's address, once it listens.
 * @returns undefined when there is no such address, since a link would lead readers to their own machine.
 */
export function publicAddress(settings: {
  readonly publicUrl: string | undefined
  readonly listening: string | undefined
}): string | undefined {
  const { publicUrl, listening } = settings
  if (publicUrl !== undefined) return publicUrl
  if (listening === undefined || !URL.canParse(listening)) return undefined
  return isPublicHost(new URL(listening).hostname) ? listening : undefined
}

/** Address of a run's page for comments and pull requests, which people read on GitHub; see {@link publicAddress}. */
export function createRunUrl(
  { publicUrl }: { readonly publicUrl: string | undefined },
  listening: () => string | undefined,
): (runId: string) => string | undefined {
  return (runId) => {
    const address = publicAddress({ publicUrl, listening: listening() })
    return address && runUrls(address, runId).runUrl
  }
}

function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(host)
  if (version !== 0) return !privateAddresses().check(host, version === 4 ? 'ipv4' : 'ipv6')
  return (
    /\.[a-z]/i.test(host) && !/\.(?:local|localhost|localdomain|internal|lan|home|arpa|test)$/i.test(host)
  )
}

/** Unspecified, loopback, private, shared and link-local addresses. */
const PRIVATE_RANGES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/127',
  'fc00::/7',
  'fe80::/10',
]

/** The blocked ranges. An IPv4 address in IPv6 form counts as IPv4. */
function privateAddresses(): BlockList {
  const list = new BlockList()
  for (const range of PRIVATE_RANGES) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
