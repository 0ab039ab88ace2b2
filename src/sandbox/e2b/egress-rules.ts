import type { EgressPolicy } from '../sandbox.ts'

const EVERYWHERE = '0.0.0.0/0'

/** As E2B takes it. Replaces everything that was set before: what an update leaves out, E2B clears. */
export function egressRules({ allowHosts }: EgressPolicy): { allowOut: string[]; denyOut: string[] } {
  return { allowOut: [...allowHosts], denyOut: [EVERYWHERE] }
}
