import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { DEPLOYMENT, sandboxContract } from '../../contracts/sandbox.contract.ts'

sandboxContract({
  name: 'unconfined sandbox',
  missing: undefined,
  confines: false,
  start: async () => ({
    provider: createLocalSandboxProvider({
      mode: 'unconfined',
      deployment: DEPLOYMENT,
      path: process.env.PATH,
    }),
    close: async () => {},
  }),
})
