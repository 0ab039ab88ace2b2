import { createAuditLog } from './audit/audit-log.ts'
import type { Config } from './config.ts'
import { openDatabase } from './db/open-database.ts'
import { createThreads } from './isolated/threads.ts'
import { checkEndings } from './pipeline/report/check-endings.ts'
import { createProgressReporter } from './pipeline/report/report-progress.ts'
import { createSpawner } from './processes/spawner.ts'
import { createDeliveryStore } from './runs/deliveries/delivery-store.ts'
import { createFollowUpStore } from './runs/follow-ups/follow-up-store.ts'
import { followUpChores } from './runs/follow-ups/submit-left-over.ts'
import { createRunLog } from './runs/log/run-log.ts'
import { createPauseStore } from './runs/pause/operator-pause.ts'
import { createRunQueue } from './runs/queue/run-queue.ts'
import { listRepositories } from './runs/stats/known-repositories.ts'
import { createEffectStore } from './runs/store/effect-store.ts'
import { migrate } from './runs/store/migrate.ts'
import { createRunStore } from './runs/store/run-store.ts'
import { submitRun } from './runs/submit-run.ts'
import { createRedact } from './secrets/redact.ts'
import { logRuns } from './telemetry/log-runs.ts'
import { createLogError, createLogger, type Logger, logPauses } from './telemetry/logger.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { within } from './time/within.ts'
import { createTokenStore } from './web/access/token-store.ts'
import { createWebApp } from './web/app.ts'
import { createHealthApp } from './web/health-app.ts'
import type { DrawRun } from './web/run-pages.ts'
import { runUrls } from './web/run-view.ts'
import { serveApp, type WebServer } from './web/serve-app.ts'
import type { WebDeps } from './web/web-deps.ts'
import { auditRefusals, auditStart, auditStops } from './wiring/audit-requests.ts'
import { checkReach } from './wiring/check-reach.ts'
import { createPullRequestFinder } from './wiring/find-pull-request.ts'
import type { ServiceTasks } from './wiring/isolated-thread.ts'
import { createLazySandboxProvider, killSandboxOf } from './wiring/load-later.ts'
import { countMasks, meterSandboxes } from './wiring/meter-work.ts'
import { openGitHub } from './wiring/open-github.ts'
import { openReceipts } from './wiring/open-receipts.ts'
import { serveOperatorOffice } from './wiring/operator-socket.ts'
import { publicAddress } from './wiring/public-address.ts'
import {
  countDeliveries,
  countRefusals,
  listenToModels,
  problemsOf,
  renderServiceMetrics,
} from './wiring/service-metrics.ts'
import { createWebAccess } from './wiring/web-access.ts'
import { webhookOf } from './wiring/webhook-of.ts'
import type { Pace, Worker } from './wiring/worker.ts'

/** Each part may take this long to close; then the next one closes anyway. */
const CLOSE_MS = 2_000
/** A run page that takes longer to draw is drawn without formatting. */
const DRAW_MS = 2_000

/** The whole product, built but not yet listening. */
export interface Backspace {
  /** Listens, then starts to work. Returns the public address; for a worker its own, which has no pages. */
  start(): Promise<{ readonly url: string }>
  /** Takes nothing new, lets runs finish for `graceMs`, hands the others over, and closes everything. */
  stop(graceMs: number): Promise<void>
  readonly logger: Logger
  /** Resolves when the embedded database has crashed; only a new process can use it again. */
  readonly crashed: Promise<unknown>
}

/**
 * Wires everything together; the only place that constructs things. Parts that are not needed to listen are loaded later:
 * the worker once the server listens; the pipeline, the models and the sandboxes with the first run.
 *
 * @throws {BackspaceError} when the database cannot be opened.
 */
export async function createBackspace(config: Config, pace: Pace = {}): Promise<Backspace> {
  const redact = createRedact(config.secrets)
  let worker: Worker | undefined
  const logger = createLogger({ level: config.logLevel, redact, contextOf: (id) => worker?.contextOf(id) })
  const onError = createLogError(logger)
  const crashed = Promise.withResolvers<unknown>()
  const db = await openDatabase(config.database, { onError, onCrash: crashed.resolve })
  await migrate(db)
  const tokens = createTokenStore(db)
  const reachWarnings = await checkReach(config, tokens)
  const store = createRunStore(db)
  const log = createRunLog({ db, onError })
  const limits = { ...config.admission, usdPerRun: config.limits.usd }
  const metrics = createMetrics()
  const spawner = createSpawner()
  const sandboxes = meterSandboxes(metrics, createLazySandboxProvider(config, spawner))
  const queue = await createRunQueue({
    db,
    store,
    log,
    concurrency: config.concurrency,
    limits,
    isTraced: (runId) => worker?.isTraced(runId) ?? false,
    onError,
    onPause: logPauses(logger),
    onAbandoned: (run) => killSandboxOf(sandboxes, run),
  })
  const deliveries = createDeliveryStore({ db, queue })
  const audit = countMasks(metrics, createAuditLog({ db, redact, onError }))
  const { linkHosts } = config.github
  const pauses = createPauseStore(db)
  const { github, githubTokens } = openGitHub(config.github, { audit, metrics, logger })
  const closing = new AbortController()
  const threads = createThreads<ServiceTasks>(new URL('./wiring/isolated-thread.ts', import.meta.url))
  let server: WebServer | undefined

  const publicUrl = () => config.web.publicUrl ?? server?.url ?? ''
  const urls = (runId: string) => runUrls(publicUrl(), runId)
  const submit = countRefusals(
    metrics,
    auditRefusals(audit, (input) => submitRun({ db, queue, log, limits, urls }, input)),
  )
  const cancel = auditStops(audit, queue.cancel)

  /** For comments and pull requests, which people read on GitHub. */
  const runUrl = (runId: string) => {
    const address = publicAddress({ publicUrl: config.web.publicUrl, listening: server?.url })
    return address && runUrls(address, runId).runUrl
  }
  const receipts = await openReceipts({ db, runUrl, redact, onError })
  const effects = createEffectStore(db)
  const followUps = createFollowUpStore(db)
  const leftOver = followUpChores({ log, followUps, submit, onError })
  const reporter = createProgressReporter({ github, store, effects, log, runUrl, linkHosts, redact, onError })
  for (const listen of [metrics.observe, audit.chainSoon, logRuns(logger)]) log.onAppend(listen)

  const webDeps: WebDeps = {
    runs: store,
    repositories: () => listRepositories(db),
    waiting: queue.waiting,
    pause: pauses.read,
    log,
    receipts: { ...receipts, keys: receipts.keys.list },
    submit,
    cancel,
    async checkRepository(asked) {
      const { owner, name, id } = (await github.repository(asked)).repository
      return { owner, name, id }
    },
    findPullRequest: createPullRequestFinder(github),
    webhook: webhookOf(config.github, countDeliveries(metrics, deliveries.acceptDelivery)),
    webUrl: config.github.webUrl,
    budgetCapUsd: config.limits.usd,
    ...createWebAccess(config, { db, github, audit, onError }),
    tokens,
    publicUrl,
    ready: () => problemsOf(db),
    metrics: () => renderServiceMetrics(metrics, db, { config, sandboxes }),
    redact,
    countRefusal: (reason) => metrics.count('backspace_http_refused_total', { reason }),
    reportError: onError,
    closing: closing.signal,
  }
  const drawRun: DrawRun = (drawing) => threads.run('drawRun', drawing, DRAW_MS)
  const app = config.role === 'worker' ? createHealthApp(webDeps) : createWebApp(webDeps, drawRun)

  async function work(): Promise<Worker> {
    const { startWorker } = await import('./wiring/worker.ts')
    return startWorker({
      config,
      pace,
      db,
      store,
      log,
      audit,
      tokens: githubTokens,
      queue,
      cancel,
      deliveries,
      effects,
      receipts: receipts.issuer,
      followUps,
      github,
      sandboxes,
      spawner,
      reporter,
      submit,
      threads,
      runUrl,
      chores: [
        ...leftOver.chores,
        checkEndings({ github, store, effects, writeEnding: reporter.writeEnding, onError }),
      ],
      logger,
      metrics,
      redact,
      onError,
      listenToModels: (runId) => listenToModels({ metrics, logger }, runId),
    })
  }

  async function start(): Promise<void> {
    await auditStart(audit, config)
    server = await serveApp(app, config.web)
    closeOffice = await serveOperatorOffice(config.database, { tokens, keys: receipts.keys, pauses, onError })
    const url = config.role === 'worker' ? server.url : publicUrl()
    logger.info({ url }, `Backspace listens on ${url}`)
    for (const warning of reachWarnings) logger.warn(warning)
    if (config.role !== 'web') worker = await work().catch(unlessClosing)
  }

  /** A stop during the start closes the database under it. */
  function unlessClosing(error: unknown): undefined {
    if (!closing.signal.aborted) throw error
  }

  /** Listens until the end, so that `/readyz` can say no and webhooks that still arrive are stored. */
  async function stop(graceMs: number): Promise<void> {
    closing.abort()
    await within(CLOSE_MS, started)
    await Promise.all([queue.drain(graceMs), within(graceMs, worker?.stopChores())])
    await Promise.all([
      server?.close(CLOSE_MS),
      within(CLOSE_MS, reporter.close()),
      within(CLOSE_MS, leftOver.close()),
      within(CLOSE_MS, worker?.flushTraces(CLOSE_MS)),
    ])
    closeOffice?.()
    // Together, since the process must be gone before its supervisor kills it.
    await Promise.all([threads, githubTokens, log].map((part) => within(CLOSE_MS, part.close())))
    spawner.close()
    await within(CLOSE_MS, audit.close())
    await db.close()
  }
  let closeOffice: (() => void) | undefined
  let started: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  return {
    logger,
    crashed: crashed.promise.finally(() => within(CLOSE_MS, githubTokens.close())),
    async start() {
      started ??= start()
      await started
      return { url: config.role === 'worker' ? (server?.url ?? '') : publicUrl() }
    },
    stop(graceMs) {
      stopped ??= stop(graceMs)
      return stopped
    },
  }
}
