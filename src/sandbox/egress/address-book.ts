import { BoundedMap } from '../../memory/bounded-map.ts'
import type { resolveAllowedAddress } from './allowed-hosts.ts'

/** Keeps the addresses of hosts that were looked up recently. */
export interface AddressBook {
  /**
   * Finds an allowed address of a host.
   *
   * @param options.named see `resolveAllowedAddress`.
   * @returns undefined if the host has no allowed address, or was not found.
   */
  find(host: string, options: { readonly named: boolean }): Promise<string | undefined>
  /** Makes the next `find` look the host up again, because its address did not answer. */
  forget(host: string): void
}

/** Name servers use a time as short as this for addresses that must be able to change at once. */
const KEEP_MS = 30_000
/** Limits memory: untrusted code can choose any name that a pattern covers. */
const MAX_KEPT = 200

/**
 * A package manager opens a hundred connections to one host at once, and one look-up serves all of them. Many name
 * servers drop most of a hundred equal questions, which costs five seconds each and blocks the threads on which this
 * process reads files.
 */
export function createAddressBook(resolve: typeof resolveAllowedAddress): AddressBook {
  const kept = new BoundedMap<
    string,
    { readonly until: number; readonly address: Promise<string | undefined> }
  >(MAX_KEPT)

  function lookUp(host: string, key: string, named: boolean): Promise<string | undefined> {
    const address = resolve(host, { named }).catch(() => undefined)
    kept.set(key, { until: performance.now() + KEEP_MS, address })
    void address.then((found) => {
      if (found === undefined && kept.get(key)?.address === address) kept.delete(key)
    })
    return address
  }

  const keyOf = (host: string, named: boolean) => `${host} ${named}`
  return {
    find(host, { named }) {
      const key = keyOf(host, named)
      const known = kept.get(key)
      if (known && known.until > performance.now()) return known.address
      return lookUp(host, key, named)
    },
    forget(host) {
      for (const named of [true, false]) kept.delete(keyOf(host, named))
    },
  }
}
