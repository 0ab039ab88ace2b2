import type { ModelError } from '../model-error.ts'

/** Remembers, for the whole process, which providers will not answer anyway. */
export interface ProviderBreaker {
  /** The error that took the provider out of use; undefined while it may be asked. */
  blockedBy(provider: string): ModelError | undefined
  /** Takes the error's provider out of use when the error concerns its account; other errors change nothing. */
  trip(error: ModelError): void
}

/**
 * An account without money or with a bad key fails every run alike: after one has found out, later runs go to
 * the next provider at once, for `openMs`. Make one per process and hand it to every chain.
 */
export function createProviderBreaker({
  openMs = 600_000,
  now = Date.now,
}: {
  openMs?: number
  now?: () => number
} = {}): ProviderBreaker {
  const open = new Map<string, { readonly error: ModelError; readonly until: number }>()
  return {
    blockedBy(provider) {
      const entry = open.get(provider)
      return entry && entry.until > now() ? entry.error : undefined
    },
    trip(error) {
      if (error.class !== 'billing' && error.class !== 'auth') return
      open.set(error.provider, { error, until: now() + openMs })
    },
  }
}
