import { isIP } from 'node:net'

/**
 * Whether a host name is on a list of names and patterns. `*.example.org` stands for every name below
 * `example.org`, at any depth, and not for `example.org` itself. Addresses are never on a list: only names can
 * be allowed.
 */
export function isHostAllowed(host: string, allowHosts: readonly string[]): boolean {
  const name = normalise(host)
  if (name === '' || isIP(name) !== 0 || !/^[a-z0-9._-]+$/.test(name)) return false
  return allowHosts.map(normalise).some((allowed) => {
    if (!allowed.startsWith('*.')) return name === allowed
    const suffix = allowed.slice(1)
    return suffix.length > 1 && name.endsWith(suffix) && name.length > suffix.length
  })
}

/** Whether the list has this very name, not just a pattern that covers it. */
export function isHostNamed(host: string, allowHosts: readonly string[]): boolean {
  return allowHosts.map(normalise).includes(normalise(host))
}

function normalise(host: string): string {
  return host.trim().toLowerCase().replace(/\.$/, '')
}
