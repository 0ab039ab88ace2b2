import type { Config } from '../config.ts'
import { createProviderBreaker } from '../models/chain/provider-breaker.ts'
import { createExecuteRun } from '../pipeline/execute-run.ts'
import type { ExecuteRunDeps } from '../pipeline/execute-run-deps.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import { agentFor } from './agent-for.ts'
import type { ModelWatch } from './watch-models.ts'

type GivenDeps = Pick<
  ExecuteRunDeps,
  'store' | 'log' | 'effects' | 'notes' | 'github' | 'sandboxes' | 'reporter' | 'runUrl' | 'onError'
>

export interface CarryRunDeps extends GivenDeps {
  /** Who is told of what goes wrong between this run and its models. */
  readonly watchModels: (runId: string) => ModelWatch
}

/** How a run is carried to its end: the pipeline with an agent in it. */
export function createCarryRun(config: Config, deps: CarryRunDeps): Execute {
  const breaker = createProviderBreaker()
  return createExecuteRun({
    ...deps,
    agentFor: (run) => agentFor(run, { config, breaker, watch: deps.watchModels(run.id) }),
    limits: config.limits,
    egressHosts: config.sandbox.egressHosts,
    secrets: config.secrets,
    webUrl: config.github.webUrl,
    langsmithEnabled: config.tracing !== undefined,
    hostEnvironment: config.hostEnvironment,
  })
}
