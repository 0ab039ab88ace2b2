import { Probot } from 'probot'
import type { Agent } from './agent/agent.ts'
import { createBuiltinAgent } from './agent/builtin/create-builtin-agent.ts'
import { createDummyAgent } from './agent/dummy/create-dummy-agent.ts'
import { createFallbackAgent } from './agent/fallback-agent.ts'
import type { Config } from './config.ts'
import type { Database } from './db/database.ts'
import { openDatabase } from './db/open-database.ts'
import { createGitHubAccess } from './github/octokit.ts'
import { createModelChain } from './models/chain/create-model-chain.ts'
import { createProviderBreaker, type ProviderBreaker } from './models/chain/provider-breaker.ts'
import { parseModelRef } from './models/model.ts'
import { createExecuteRun } from './pipeline/execute-run.ts'
import { createProgressReporter } from './pipeline/progress/report-progress.ts'
import { createRedact, type Redact } from './redaction.ts'
import { createDeliveryStore } from './runs/deliveries/delivery-store.ts'
import { createRunLog } from './runs/log/run-log.ts'
import { createRunQueue } from './runs/queue/run-queue.ts'
import type { Run } from './runs/run.ts'
import { migrate } from './runs/store/migrate.ts'
import { createRunStore } from './runs/store/run-store.ts'
import { submitRun } from './runs/submit-run.ts'
import { createE2bSandboxProvider } from './sandbox/e2b/e2b-sandbox.ts'
import { createLocalSandboxProvider } from './sandbox/local/local-sandbox.ts'
import type { SandboxProvider } from './sandbox/sandbox.ts'
import { createLogger, type Logger } from './telemetry/logger.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createRunTracer } from './telemetry/trace-runs.ts'
import { githubWebhooks } from './triggers/github-webhooks.ts'
import { createWebApp } from './web/app.ts'
import { runUrls } from './web/run-urls.ts'
import { serveApp, type WebServer } from './web/serve-app.ts'

/** The whole product, built but not yet listening. */
export interface Backspace {
  /** Listens, then starts to work. Returns the address that people reach it at. */
  start(): Promise<{ readonly url: string }>
  /** Takes nothing new, lets runs finish for `graceMs`, hands over the rest, and closes everything. */
  stop(graceMs: number): Promise<void>
  readonly logger: Logger
}

/**
 * Wires everything together; the only place that constructs things.
 *
 * @throws {BackspaceError} when the database cannot be opened.
 */
export async function createBackspace(config: Config): Promise<Backspace> {
  const redact = createRedact(config.secrets)
  const logger = createLogger({ level: config.logLevel, redact })
  const onError = (error: unknown, facts: object = {}) =>
    logger.error({ err: error, ...facts }, 'internal error')
  const langsmithEnabled = config.tracing !== undefined

  const db = await openDatabase(config.database, { onError })
  await migrate(db)
  const store = createRunStore(db)
  const log = createRunLog({ db, onError })
  const { concurrency } = config
  const queue = await createRunQueue({ db, store, log, concurrency, langsmithEnabled, onError })
  const deliveries = createDeliveryStore({ db, queue })
  const github = createGitHubAccess(config.github)
  const metrics = createMetrics()
  const tracer = createTracer(config, { redact, logger })
  const closing = new AbortController()
  let server: WebServer | undefined

  const publicUrl = () => config.web.publicUrl ?? server?.url ?? ''
  const urls = (runId: string) => runUrls(publicUrl(), runId)
  const submit = (input: Parameters<typeof submitRun>[1]) => submitRun({ db, queue, log, urls }, input)

  const runUrl = (runId: string) => urls(runId).runUrl
  const reporter = createProgressReporter({ github, store, log, runUrl, redact, onError })
  log.onAppend((event) => {
    metrics.observe(event)
    tracer?.observe(event)
  })

  const breaker = createProviderBreaker()
  const execute = createExecuteRun({
    store,
    log,
    github,
    sandboxes: createSandboxes(config),
    agentFor: (run) => agentFor(run, { config, breaker }),
    reporter,
    limits: config.limits,
    egressHosts: config.sandbox.egressHosts,
    secrets: config.secrets,
    webUrl: config.github.webUrl,
    runUrl,
    langsmithEnabled,
    hostEnvironment: config.hostEnvironment,
    onError,
  })

  const probot = createProbot(config, { logger })
  probot?.load(
    githubWebhooks({
      github,
      appId: config.github.app?.id ?? 0,
      label: config.label,
      submit,
      cancel: queue.cancel,
      runsOnThread: store.findOnThread,
      runUrl,
    }),
  )

  const app = createWebApp({
    runs: store,
    log,
    submit,
    cancel: queue.cancel,
    async checkRepository(repository) {
      await github.repository(repository)
    },
    webhook: config.github.app && {
      path: config.github.webhookPath,
      secret: config.github.app.webhookSecret,
      accept: deliveries.acceptDelivery,
    },
    webUrl: config.github.webUrl,
    budgetCapUsd: config.limits.usd,
    apiTokens: config.web.apiTokens,
    publicUrl,
    ready: () => problemsOf(db),
    metrics: metrics.render,
    redact,
    reportError: onError,
    closing: closing.signal,
  })

  let stopped: Promise<void> | undefined
  async function stop(graceMs: number): Promise<void> {
    closing.abort()
    await Promise.all([server?.close(graceMs), queue.drain(graceMs)])
    await reporter.close()
    await tracer?.flush(3_000)
    await log.close()
    await db.close()
  }

  return {
    logger,
    async start() {
      server = await serveApp(app, config.web)
      await probot?.ready()
      await queue.start({
        async execute(input) {
          tracer?.begin(input.run)
          await execute(input)
        },
        async deliver({ deliveryId, event, payload }) {
          // Any event may come; Probot calls the handlers of those that we listen to.
          const received = { id: deliveryId, name: event, payload: JSON.parse(payload) }
          await probot?.receive(received as Parameters<Probot['receive']>[0])
        },
      })
      return { url: publicUrl() }
    },
    stop(graceMs) {
      stopped ??= stop(graceMs)
      return stopped
    },
  }
}

function createSandboxes({ sandbox, deployment, path, github, hostEnvironment }: Config): SandboxProvider {
  if (sandbox.kind === 'e2b' && sandbox.e2b) {
    const { transport } = sandbox
    const reachesGitHub =
      transport === 'auto' ? github.webUrl === 'https://github.com' : transport === 'clone'
    return createE2bSandboxProvider({ ...sandbox.e2b, deployment, reachesGitHub })
  }
  const mode = sandbox.kind === 'unconfined' ? 'unconfined' : 'bubblewrap'
  return createLocalSandboxProvider({ deployment, mode, path, certificates: hostEnvironment })
}

/** The agent of one run: the builtin one on the first model that answers, or the dummy with the reason why. */
function agentFor(
  run: Run,
  { config, breaker }: { readonly config: Config; readonly breaker: ProviderBreaker },
): { readonly agent: Agent; readonly whyNoModel: readonly string[] } {
  const dummy = createDummyAgent()
  const { options } = run.request
  if (options.agent === 'dummy')
    return { agent: dummy, whyNoModel: ['The request asked for the dummy agent'] }
  const asked = options.model === undefined ? undefined : parseModelRef(options.model)
  const refs = asked ? [asked, ...config.models.chain] : config.models.chain
  const { anthropic, openai } = config.models
  const chain = createModelChain({ refs, anthropic, openai, breaker })
  if (!chain.model) return { agent: dummy, whyNoModel: chain.unavailable }
  const first = createBuiltinAgent({ model: chain.model })
  return { agent: createFallbackAgent({ first, dummy }), whyNoModel: chain.unavailable }
}

function createTracer({ tracing }: Config, { redact, logger }: { redact: Redact; logger: Logger }) {
  return tracing && createRunTracer({ ...tracing, redact, onProblem: (problem) => logger.warn(problem) })
}

/** Verifying and storing is ours; Probot's part is to know the events and call their handlers. */
function createProbot({ github }: Config, { logger }: { logger: Logger }): Probot | undefined {
  if (!github.app) return undefined
  const { id: appId, privateKey, webhookSecret: secret } = github.app
  return new Probot({ appId, privateKey, secret, baseUrl: github.apiUrl, log: logger })
}

async function problemsOf(db: Database): Promise<string[]> {
  return await db.ping().then(
    () => [],
    () => ['The database does not answer.'],
  )
}
