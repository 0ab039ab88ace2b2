import { createE2bSandboxProvider, type E2bSandboxOptions } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import type { E2bStandIn } from '../../stand-ins/e2b/start-e2b.ts'

/** The sandboxes of the deployment `blue` at a stand-in, on a plan that no test comes near. */
export function connectE2b(
  { url }: Pick<E2bStandIn, 'url'>,
  options: Pick<E2bSandboxOptions, 'apiKey'> & Partial<E2bSandboxOptions>,
): SandboxProvider {
  return createE2bSandboxProvider({
    apiUrl: url,
    sandboxUrl: url,
    template: 'base',
    deployment: 'blue',
    reachesGitHub: true,
    maxSandboxes: 20,
    createsPerSecond: 1000,
    ...options,
  })
}
