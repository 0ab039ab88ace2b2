/** Brings the various spellings of a host name into one form. */
export function normaliseHost(host: string): string {
  return host.trim().toLowerCase().replace(/\.$/, '')
}

/** Whether two spellings name the same host. */
export function isSameHost(one: string, other: string): boolean {
  return normaliseHost(one) === normaliseHost(other)
}
