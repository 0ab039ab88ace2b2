import { probeLocalSandbox } from '../../src/sandbox/local/probe-local-sandbox.ts'

const local = await probeLocalSandbox({ path: process.env.PATH })

/** Where runs can happen in a scenario; `missing` says why one cannot be had on this machine. */
export const SANDBOXES = [
  { sandbox: 'e2b', missing: undefined },
  { sandbox: 'local', missing: local.available ? undefined : local.message },
  { sandbox: 'unconfined', missing: undefined },
] as const
