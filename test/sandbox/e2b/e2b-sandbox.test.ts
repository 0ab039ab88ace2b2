import { createE2bSandboxProvider } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import { DEPLOYMENT, sandboxContract } from '../../contracts/sandbox.contract.ts'
import { startE2b } from '../../stand-ins/e2b/start-e2b.ts'

const KEY = 'e2b_contract_key'
/** Of a service with E2B’s API and real sandboxes, to try the contract there by hand; any key must do. */
const { E2B_CONTRACT_URL } = process.env

sandboxContract({
  name: `E2B sandbox, at ${E2B_CONTRACT_URL ?? 'the stand-in'}`,
  missing: undefined,
  confines: false, // The stand-in records network rules; only E2B itself enforces them.
  async start() {
    const e2b = E2B_CONTRACT_URL
      ? { url: E2B_CONTRACT_URL, close: () => Promise.resolve() }
      : await startE2b({ apiKey: KEY })
    const provider = createE2bSandboxProvider({
      apiKey: KEY,
      apiUrl: e2b.url,
      sandboxUrl: e2b.url,
      template: 'base',
      deployment: DEPLOYMENT,
      reachesGitHub: true,
      maxSandboxes: 20,
      createsPerSecond: 50,
    })
    return { provider, close: () => e2b.close() }
  },
})
