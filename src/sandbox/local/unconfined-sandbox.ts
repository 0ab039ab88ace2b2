import type { SandboxProvider } from '../sandbox.ts'
import { createLocalSandboxProvider, type LocalSandboxOptions } from './local-sandbox.ts'

/**
 * Sandboxes that isolate nothing: plain processes of this machine's user in a temporary directory. For the
 * scripted model and for tests, or where an operator asks for it by name. Paths are shown as if the directory
 * was `/home/user`; there is no egress control.
 */
export function createUnconfinedSandboxProvider(options: Omit<LocalSandboxOptions, 'mode'>): SandboxProvider {
  return createLocalSandboxProvider({ ...options, mode: 'unconfined' })
}
