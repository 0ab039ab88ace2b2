import { isIP } from 'node:net'
import type { SettingsReader } from './settings-reader.ts'

/** Who can reach the service, and how much of it a single caller may use. */
export interface ReachSettings {
  /** Whether callers on this machine need no API token as long as none exists. */
  readonly openToLocal: boolean
  /** Addresses and ranges (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[]
  /** Most event streams of one caller at once. */
  readonly maxStreams: number
}

/**
 * A loopback HOST without a PUBLIC_URL means a laptop. Anything else means that other people reach the service, perhaps
 * through a proxy on this machine, whose connections come from loopback as well.
 */
export function readReach(reader: SettingsReader): ReachSettings {
  const publicUrl = reader.get('PUBLIC_URL')
  const isLaptop =
    isLoopbackName(reader.get('HOST') ?? '') &&
    (publicUrl === undefined || !URL.canParse(publicUrl) || isLoopbackName(new URL(publicUrl).hostname))
  const trustsLocal = reader.oneOf('BACKSPACE_TRUST_LOCAL_CALLERS', ['no', 'yes']) === 'yes'
  const trustedProxies = reader.list('BACKSPACE_TRUSTED_PROXIES')
  for (const proxy of trustedProxies.filter((each) => !isRange(each))) {
    reader.problem(
      `BACKSPACE_TRUSTED_PROXIES has "${proxy}"; write addresses or ranges such as 127.0.0.1 or 10.0.0.0/8, separated by commas.`,
    )
  }
  return {
    openToLocal: isLaptop || trustsLocal,
    trustedProxies,
    maxStreams: reader.integer('BACKSPACE_MAX_STREAMS', { min: 1, max: 100_000 }),
  }
}

function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** Whether a text is an address, or a range of addresses that does not include everyone. */
function isRange(text: string): boolean {
  const [network = '', bits, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(network)] ?? -1
  if (bits === undefined) return most > 0
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most
}
