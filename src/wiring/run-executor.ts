import type { Agent } from '../agent/agent.ts'
import { createBuiltinAgent } from '../agent/builtin/builtin-agent.ts'
import { createDummyAgent } from '../agent/dummy/dummy-agent.ts'
import { createFallbackAgent } from '../agent/fallback-agent.ts'
import type { Config } from '../config.ts'
import type { Threads } from '../isolated/threads.ts'
import { createModelChain } from '../models/chain/create-model-chain.ts'
import type { ProviderBreaker } from '../models/chain/provider-breaker.ts'
import type { KnownServers } from '../models/compatible/compatible.ts'
import { type ModelRef, parseModelRef } from '../models/model.ts'
import { createExecuteRun } from '../pipeline/execute-run.ts'
import type { RunServices } from '../pipeline/run-services.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import type { Run } from '../runs/run.ts'
import { unpackReading } from '../verify/reports/pack-reading.ts'
import { openClaudeCode } from './claude-code.ts'
import type { ServiceTasks } from './isolated-thread.ts'
import type { ModelProblemListener } from './service-metrics.ts'

type GivenDeps = Pick<
  RunServices,
  | 'store'
  | 'log'
  | 'audit'
  | 'effects'
  | 'receipts'
  | 'followUps'
  | 'github'
  | 'sandboxes'
  | 'spawner'
  | 'reporter'
  | 'setupCache'
  | 'runUrl'
  | 'tracing'
  | 'hasOpened'
  | 'onError'
>

export interface RunExecutorDeps extends GivenDeps {
  readonly listenToModels: (runId: string) => ModelProblemListener
  readonly threads: Threads<ServiceTasks>
}

interface ExecutorParts extends RunExecutorDeps {
  readonly breaker: ProviderBreaker
}

/** Executes runs: the pipeline, with the agent that each run asks for. */
export function createRunExecutor(config: Config, { breaker, ...deps }: ExecutorParts): Execute {
  const knownServers: KnownServers = new Map()
  return createExecuteRun({
    ...deps,
    agentFor: (run, choice) =>
      agentFor(run, {
        choice,
        config,
        breaker,
        knownServers,
        problems: deps.listenToModels(run.id),
        threads: deps.threads,
      }),
    compareInThread: (file, limitMs) => deps.threads.run('diffFile', file, limitMs),
    searchInThread: (query, limitMs) => deps.threads.run('searchBytes', query, limitMs),
    describeInThread: (patch, limitMs) => deps.threads.run('describePatch', patch, limitMs),
    async readReport(input) {
      const reading = await deps.threads.run('readReport', input, REPORT_MS)
      return reading && (await unpackReading(reading))
    },
    readCoverage: (input) => deps.threads.run('readCoverage', input, REPORT_MS),
    steerInThread: (file, limitMs) => deps.threads.run('steeringOf', file, limitMs),
    agentRules: config.agents,
    limits: config.limits,
    files: config.files,
    commandMinutes: config.commandMinutes,
    verify: config.verify,
    pauseHours: config.sandbox.pauseHours,
    egressHosts: config.sandbox.egressHosts,
    repositoryRules: repositoryRules(config.sandbox),
    secrets: config.secrets,
    webUrl: config.github.webUrl,
    linkHosts: config.github.linkHosts,
    branchPrefix: config.github.branchPrefix,
    hostEnvironment: config.hostEnvironment,
  })
}

function repositoryRules({ kind, e2b, ...egress }: Config['sandbox']): RunServices['repositoryRules'] {
  const { egressHosts: hosts, ecosystems, repositoryHosts: repositories } = egress
  return {
    egress: { hosts, ecosystems, repositories },
    templates: kind === 'e2b' ? (e2b?.templates ?? []) : [],
  }
}

/** How long the reports of one check may take to be read. */
const REPORT_MS = 15_000
/** How long the dummy agent may take to read a thread. */
const READ_MS = 2_000

/**
 * The agent of one run. If Claude Code cannot work, the builtin agent does, on the first model that answers. Without a
 * model, the dummy agent does.
 */
async function agentFor(
  run: Run,
  {
    choice,
    config,
    breaker,
    knownServers,
    problems,
    threads,
  }: {
    readonly choice: Parameters<RunServices['agentFor']>[1]
    readonly config: Config
    readonly breaker: ProviderBreaker
    readonly knownServers: KnownServers
    readonly problems: ModelProblemListener
    readonly threads: Threads<ServiceTasks>
  },
): ReturnType<RunServices['agentFor']> {
  const dummy = createDummyAgent({
    reading: {
      findWrittenChanges: (markdowns) => threads.run('findWrittenChanges', markdowns, READ_MS),
      codeOwners: (query) => threads.run('codeOwners', query, READ_MS),
    },
  })
  if (choice.agent === 'dummy') return { agent: dummy, whyNoModel: ['The dummy agent was chosen'] }
  const { model } = run.request.options
  const asked = model === undefined ? undefined : parseModelRef(model)
  const refs = asked ? [asked, ...config.models.chain] : config.models.chain
  const open = (chosen: readonly ModelRef[]) =>
    createModelChain({ refs: chosen, access: config.models, breaker, knownServers, ...problems })

  /**
   * The agent that takes over when Claude Code cannot go on. Models of other providers are tried before Anthropic's.
   */
  async function next(hasWorked: boolean): Promise<Agent> {
    const isAnthropic = ({ provider }: ModelRef) => provider === 'anthropic'
    const chain = await open([...refs.filter((ref) => !isAnthropic(ref)), ...refs.filter(isAnthropic)])
    if (!chain.model) return dummy
    const builtin = createBuiltinAgent({ model: chain.model })
    return hasWorked ? builtin : createFallbackAgent({ first: builtin, dummy })
  }

  const opened = choice.agent === 'claude-code' ? openClaudeCode(config, { refs, threads, next }) : undefined
  const chain = await open(refs)
  if (opened !== undefined && typeof opened !== 'string')
    return { agent: opened, whyNoModel: chain.unavailable }
  if (!chain.model) return { agent: dummy, whyNoModel: chain.unavailable, instead: opened }
  const first = createBuiltinAgent({ model: chain.model })
  return { agent: createFallbackAgent({ first, dummy }), whyNoModel: chain.unavailable, instead: opened }
}
