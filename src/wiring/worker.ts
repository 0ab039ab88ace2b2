import type { EmitterWebhookEvent } from '@octokit/webhooks'
import { Probot } from 'probot'
import { personActor } from '../audit/audit-entry.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { TokenKeeper } from '../github/token-keeper.ts'
import { type BlockedProvider, createProviderBreaker } from '../models/chain/provider-breaker.ts'
import { sweepSandboxes } from '../pipeline/sandbox/sweep-sandboxes.ts'
import type { Delivery } from '../runs/deliveries/delivery.ts'
import type { DeliveryStore } from '../runs/deliveries/delivery-store.ts'
import type { RunLog } from '../runs/log/run-log.ts'
import { createOutcomeStore } from '../runs/outcomes/outcome-store.ts'
import type { CancelRun } from '../runs/queue/cancel-run.ts'
import type { RunQueue } from '../runs/queue/run-queue.ts'
import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SubmitRunInput, Submitted } from '../runs/submit-run.ts'
import { type Chore, startChores } from '../runs/upkeep/chores.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import type { Redact } from '../secrets/redact.ts'
import { createSetupCache, type SetupCache } from '../setup-cache/setup-cache.ts'
import { createSetupCacheStore } from '../setup-cache/setup-cache-store.ts'
import { sweepSetupCache } from '../setup-cache/sweep-setup-cache.ts'
import { type Logger, workInProgress } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { TraceContext } from '../telemetry/otel/otel-tracer.ts'
import { githubWebhooks } from '../triggers/github-webhooks.ts'
import { followPullRequests } from '../triggers/outcomes/follow-pull-requests.ts'
import { createLoginStore } from '../web/access/login-store.ts'
import { auditChores, backupChores, type CatchUpPace, catchUpChores, upkeepChores } from './chores.ts'
import { loadOnFirstUse } from './load-later.ts'
import { loadTracers } from './load-tracers.ts'
import { meterDeliveries, timeWait } from './meter-work.ts'
import { createProvesAlways } from './proves-always.ts'
import type { RunExecutorDeps } from './run-executor.ts'

/** How often a worker does its periodic work; for tests. */
export interface Pace {
  readonly catchUp?: CatchUpPace | undefined
  /** Milliseconds between two looks for due chores. */
  readonly lookForChoresMs?: number | undefined
  /** Setup is kept for later runs only if it took at least this many milliseconds. */
  readonly minSetupMs?: number | undefined
}

export interface WorkerDeps extends RunExecutorDeps {
  readonly config: Config
  readonly pace: Pace
  readonly db: Database
  readonly store: RunStore
  readonly log: RunLog
  readonly audit: AuditLog
  readonly queue: RunQueue
  readonly tokens: TokenKeeper
  /** Cancels a run and records that. */
  readonly cancel: CancelRun
  readonly deliveries: DeliveryStore
  readonly submit: (input: SubmitRunInput) => Promise<Submitted>
  /** Chores that are done besides the worker's own. */
  readonly chores: readonly Chore[]
  readonly logger: Logger
  readonly metrics: Metrics
  readonly redact: Redact
  readonly onError: (error: unknown, facts?: object) => void
}

/** The part of a process that executes runs, handles deliveries and does chores. */
export interface Worker {
  /** Starts no more chores, and waits for those in progress. The caller drains the queue. */
  stopChores(): Promise<void>
  /** Whether a chore is in progress. */
  isBusy(): boolean
  isTraced(runId: string): boolean
  /** The trace that log lines about the run belong to. */
  contextOf(runId: string): TraceContext | undefined
  /** The providers that this process's runs do not ask at present; undefined if it executes no runs. */
  blockedProviders(): readonly BlockedProvider[] | undefined
  /** Sends the traces that wait, for at most `timeoutMs` milliseconds. */
  flushTraces(timeoutMs: number): Promise<void>
}

export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { config, pace, db, store, log, queue, logger, onError } = deps
  const tracer = await loadTracers(config, deps)
  if (tracer) log.onAppend(tracer.observe)
  const { sandboxes } = deps
  const cache = openSetupCache(config, { db, sandboxes, minSetupMs: pace.minSetupMs, onError })
  const breaker = createProviderBreaker()
  const executor = loadOnFirstUse(async () => {
    const { createRunExecutor } = await import('./run-executor.ts')
    const { hasOpened } = createOutcomeStore(db)
    const { setupCache } = cache
    return createRunExecutor(config, { ...deps, breaker, setupCache, tracing: tracer, hasOpened })
  })
  const probot = createProbot(config, { logger, app: webhooks(deps) })
  await probot?.ready()
  await queue.start({
    async execute(input) {
      tracer?.begin(input.run)
      timeWait(deps.metrics, input)
      const execute = await executor()
      const { run, signal } = input
      const work = workInProgress.run({ runId: run.id }, () => execute(input))
      const failure = await work.then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      if (goesOnElsewhere(failure?.error ?? signal.reason)) tracer?.leave(run.id)
      if (failure) throw failure.error
    },
    deliver: meterDeliveries(deps.metrics, (delivery) =>
      workInProgress.run({ deliveryId: delivery.deliveryId }, async () => probot?.handle(delivery)),
    ),
  })
  const chores = startChores({
    db,
    chores: [
      ...upkeepChores({ retention: config.retention, db, queue, logger }),
      sweepSandboxes({ sandboxes, store, deployment: config.deployment }),
      ...cache.chores,
      ...backupChores(config, db),
      ...auditChores({ audit: deps.audit, db, keepDays: config.retention.auditDays, logger }),
      ...deps.chores,
      followPullRequests({
        github: deps.github,
        outcomes: createOutcomeStore(db),
        now: () => new Date(),
        onError,
      }),
      ...catchUpChores(config, {
        db,
        deliveries: deps.deliveries,
        tokens: deps.tokens,
        onError,
        pace: pace.catchUp,
      }),
    ],
    onError,
    lookEveryMs: pace.lookForChoresMs,
  })
  return {
    stopChores: chores.stop,
    isBusy: chores.isBusy,
    isTraced: (runId) => tracer?.isTraced(runId) ?? false,
    contextOf: (runId) => tracer?.contextOf(runId),
    blockedProviders: breaker.blocked,
    flushTraces: async (timeoutMs) => tracer?.flush(timeoutMs),
  }
}

function webhooks({ db, config, github, submit, cancel, audit, store, runUrl, logger }: WorkerDeps) {
  const logins = createLoginStore(db)
  return githubWebhooks({
    audit,
    github,
    appId: config.github.app?.id ?? 0,
    label: config.label,
    submit,
    cancel,
    runsOnThread: store.findOnThread,
    outcomes: createOutcomeStore(db),
    provesAlways: createProvesAlways(),
    runUrl,
    async onRevoked(person) {
      await logins.closeAll(`person:${person.id}`)
      await audit.append({
        kind: 'person.signed_out',
        actor: personActor(person),
        facts: { everywhere: true },
      })
    },
    onLeftAlone: (error, facts) => logger.warn({ err: error, ...facts }, 'webhook left alone'),
  })
}

/** Handles stored deliveries. */
interface DeliveryHandler {
  ready(): Promise<unknown>
  handle(delivery: Delivery): Promise<void>
}

/**
 * Passes stored webhooks to their handlers. Backspace verifies and stores webhooks itself; Probot only routes the
 * events.
 *
 * @returns undefined without an App.
 */
function createProbot(
  { github }: Config,
  { logger, app }: { readonly logger: Logger; readonly app: (probot: Probot) => void },
): DeliveryHandler | undefined {
  if (!github.app) return undefined
  const { id: appId, privateKey, webhookSecret: secret } = github.app
  const probot = new Probot({ appId, privateKey, secret, baseUrl: github.apiUrl, log: logger })
  probot.load(app)
  return {
    ready: () => probot.ready(),
    async handle({ deliveryId, event, payload }) {
      const body: unknown = JSON.parse(payload)
      // It is signed, but no payload that GitHub sends. Probot would throw at every retry.
      if (typeof body !== 'object' || body === null) return
      // Any event may arrive. Probot calls only the handlers that were registered.
      const received = { id: deliveryId, name: event, payload: body }
      await probot.receive(received as EmitterWebhookEvent)
    },
  }
}

interface SetupCacheDeps {
  readonly db: Database
  readonly sandboxes: Pick<SandboxProvider, 'kind' | 'snapshots'>
  readonly minSetupMs: number | undefined
  readonly onError: (error: unknown) => void
}

/** The setup cache and its upkeep. There is no cache if the operator wants none, or the sandboxes cannot keep files. */
function openSetupCache(
  { sandbox }: Config,
  { db, sandboxes, minSetupMs, onError }: SetupCacheDeps,
): { readonly setupCache: SetupCache | undefined; readonly chores: readonly Chore[] } {
  const { kind, snapshots } = sandboxes
  const { egressHosts, setupCache: limits } = sandbox
  if (!snapshots || limits.entries === 0) return { setupCache: undefined, chores: [] }
  const store = createSetupCacheStore(db)
  return {
    setupCache: createSetupCache({ snapshots, store, kind, egressHosts, minSetupMs, onError }),
    chores: [sweepSetupCache({ snapshots, store, limits })],
  }
}
