import type { Agent } from '../agent/agent.ts'
import { createBuiltinAgent } from '../agent/builtin/create-builtin-agent.ts'
import { createDummyAgent } from '../agent/dummy/create-dummy-agent.ts'
import { createFallbackAgent } from '../agent/fallback-agent.ts'
import type { Config } from '../config.ts'
import { createModelChain } from '../models/chain/create-model-chain.ts'
import type { ProviderBreaker } from '../models/chain/provider-breaker.ts'
import { parseModelRef } from '../models/model.ts'
import type { Run } from '../runs/run.ts'
import type { ModelWatch } from './watch-models.ts'

/** The agent of one run: the builtin one on the first model that answers, or the dummy with the reason why. */
export async function agentFor(
  run: Run,
  {
    config,
    breaker,
    watch,
  }: { readonly config: Config; readonly breaker: ProviderBreaker; readonly watch: ModelWatch },
): Promise<{ readonly agent: Agent; readonly whyNoModel: readonly string[] }> {
  const dummy = createDummyAgent()
  const { options } = run.request
  if (options.agent === 'dummy')
    return { agent: dummy, whyNoModel: ['The request asked for the dummy agent'] }
  const asked = options.model === undefined ? undefined : parseModelRef(options.model)
  const refs = asked ? [asked, ...config.models.chain] : config.models.chain
  const { anthropic, openai } = config.models
  const chain = await createModelChain({ refs, anthropic, openai, breaker, ...watch })
  if (!chain.model) return { agent: dummy, whyNoModel: chain.unavailable }
  const first = createBuiltinAgent({ model: chain.model })
  return { agent: createFallbackAgent({ first, dummy }), whyNoModel: chain.unavailable }
}
