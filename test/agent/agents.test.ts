import { createBuiltinAgent } from '../../src/agent/builtin/builtin-agent.ts'
import { createDummyAgent } from '../../src/agent/dummy/dummy-agent.ts'
import { createFallbackAgent } from '../../src/agent/fallback-agent.ts'
import { ModelError } from '../../src/models/model-error.ts'
import { agentContract } from '../contracts/agent.contract.ts'
import { DONE, EDIT, scriptedTurns } from './support/scripted-turns.ts'

const DIFF =
  'Apply this:\n\n```diff\n--- a/hello.txt\n+++ b/hello.txt\n@@ -1 +1 @@\n-hello\n+good morning\n```\n'

agentContract('the builtin agent', {
  create: () => createBuiltinAgent({ model: scriptedTurns([EDIT, DONE]) }),
  prompt: 'Make the greeting polite',
})

agentContract('the dummy agent', { create: () => createDummyAgent(), prompt: DIFF })

agentContract('the dummy agent after a model that does not answer', {
  create: () => {
    const error = new ModelError({
      class: 'billing',
      provider: 'scripted',
      model: 'test',
      userMessage: 'No credit.',
    })
    const first = createBuiltinAgent({ model: scriptedTurns([error]) })
    return createFallbackAgent({ first, dummy: createDummyAgent() })
  },
  prompt: DIFF,
})
