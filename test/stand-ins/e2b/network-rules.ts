import { isIP } from 'node:net'

/** Egress as E2B's API takes it. */
export interface NetworkConfig {
  readonly allowOut?: readonly string[]
  readonly denyOut?: readonly string[]
  readonly allowPublicTraffic?: boolean
  readonly rules?: Readonly<Record<string, readonly unknown[]>>
}

const EVERYTHING = '0.0.0.0/0'
const MAX_RULE_DOMAINS = 10

/** @returns what E2B's API would complain about; undefined when it would accept it. */
export function complainAboutNetwork(network: NetworkConfig | undefined): string | undefined {
  if (!network) return undefined
  const { allowOut = [], denyOut = [], rules = {} } = network
  const notAddress = denyOut.find((entry) => !isAddress(entry))
  if (notAddress !== undefined) return `invalid denied CIDR ${notAddress}`
  const domains = allowOut.filter((entry) => !isAddress(entry))
  if (domains.length > 0 && !denyOut.includes(EVERYTHING)) {
    return `When specifying allowed domains in allow out, you must include 'ALL_TRAFFIC' in deny out to block all other traffic.`
  }
  const notDomain = domains.find((entry) => !/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(entry))
  if (notDomain !== undefined) return `invalid allowed domain ${notDomain}`
  if (Object.keys(rules).length > MAX_RULE_DOMAINS)
    return `network rules can have at most ${MAX_RULE_DOMAINS} domains`
  const many = Object.entries(rules).find(([, transforms]) => transforms.length !== 1)
  return many ? `domain ${many[0]} must have exactly one transform` : undefined
}

function isAddress(entry: string): boolean {
  const [address = '', bits] = entry.split('/')
  return isIP(address) !== 0 && (bits === undefined || /^\d{1,3}$/.test(bits))
}
