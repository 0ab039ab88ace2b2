import { createUnconfinedSandboxProvider } from '../../../src/sandbox/local/unconfined-sandbox.ts'
import { DEPLOYMENT, sandboxContract } from '../../contracts/sandbox.contract.ts'

sandboxContract({
  name: 'unconfined sandbox',
  missing: undefined,
  confines: false,
  start: async () => ({
    provider: createUnconfinedSandboxProvider({ deployment: DEPLOYMENT, path: process.env.PATH }),
    close: async () => {},
  }),
})
