import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import { DEPLOYMENT, sandboxContract } from '../../contracts/sandbox.contract.ts'

const probe = await probeLocalSandbox()

sandboxContract({
  name: 'local sandbox in bubblewrap',
  missing: probe.available ? undefined : probe.message,
  confines: true,
  start: async () => ({
    provider: createLocalSandboxProvider({
      deployment: DEPLOYMENT,
      mode: 'bubblewrap',
      path: process.env.PATH,
    }),
    close: async () => {},
  }),
})
