import { probeLocalSandbox } from '../../src/sandbox/local/probe-local-sandbox.ts'
import type { DemoOptions } from './demo-options.ts'

export interface SandboxChoice {
  /** Undefined: what the operator's settings say. */
  readonly kind: 'local' | 'unconfined' | undefined
  /** For people. */
  readonly note: string
}

/** With bubblewrap the demo isolates like the product. Without it, only because no real model is at work. */
export async function chooseSandbox(options: DemoOptions): Promise<SandboxChoice> {
  if (options.live) {
    return { kind: undefined, note: process.env.E2B_API_KEY ? 'E2B' : 'local, in bubblewrap' }
  }
  const probe = await probeLocalSandbox({ path: process.env.PATH })
  if (probe.available) return { kind: 'local', note: 'local, in bubblewrap' }
  const what = options.repo === undefined ? 'the demo’s own repository' : 'your own repository’s checks'
  return {
    kind: 'unconfined',
    note: `none: ${what} run as plain processes, which is fine here because no real model is at work`,
  }
}
