import { probeLocalSandbox } from '../../src/sandbox/local/probe-local-sandbox.ts'
import type { DemoOptions } from './demo-options.ts'
import type { LiveSettings } from './live-settings.ts'

export interface SandboxChoice {
  /** Undefined: what the operator's settings say. */
  readonly kind: 'local' | 'unconfined' | undefined
  /** For people. */
  readonly note: string
}

/**
 * With bubblewrap the demo isolates like the product. Without it, only because no real model is at work.
 *
 * @throws {Error} that says what to install when a real model would have no sandbox.
 */
export async function chooseSandbox(
  options: DemoOptions,
  live: LiveSettings | undefined,
): Promise<SandboxChoice> {
  if (live?.sandbox === 'e2b') return { kind: undefined, note: 'E2B' }
  if (live?.sandbox === 'unconfined') return { kind: undefined, note: 'none, as BACKSPACE_SANDBOX says' }
  const probe = await probeLocalSandbox({ path: process.env.PATH })
  if (probe.available) return { kind: live ? undefined : 'local', note: 'local, in bubblewrap' }
  if (live) throw new Error(probe.message)
  const what = options.repo === undefined ? 'the demo’s own repository' : 'your own repository’s checks'
  return {
    kind: 'unconfined',
    note: `none: ${what} run as plain processes, which is fine here because no real model is at work`,
  }
}
