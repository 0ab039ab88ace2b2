import { createAuditLog } from './audit/audit-log.ts'
import type { Config } from './config.ts'
import { openDatabase } from './db/open-database.ts'
import { createThreads } from './isolated/threads.ts'
import { createSpawner } from './processes/spawner.ts'
import { createShiftBook } from './runs/admission/shift-book.ts'
import { createDeliveryStore } from './runs/deliveries/delivery-store.ts'
import { createRunLog } from './runs/log/run-log.ts'
import { createPauseStore } from './runs/pause/operator-pause.ts'
import { createRunQueue } from './runs/queue/run-queue.ts'
import { createFigures } from './runs/stats/figures.ts'
import { migrate } from './runs/store/migrate.ts'
import { createRunStore } from './runs/store/run-store.ts'
import { submitRun } from './runs/submit-run.ts'
import { createRedact } from './secrets/redact.ts'
import { logRuns } from './telemetry/log-runs.ts'
import { createLogError, createLogger, logPauses } from './telemetry/logger.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { within } from './time/within.ts'
import { createTokenStore } from './web/access/token-store.ts'
import { createWebApp } from './web/app.ts'
import { createHealthApp } from './web/health-app.ts'
import type { DrawRun } from './web/run-pages.ts'
import { runUrls } from './web/run-view.ts'
import { serveApp, type WebServer } from './web/serve-app.ts'
import { createSetupDoor } from './web/setup/setup-door.ts'
import type { WebDeps } from './web/web-deps.ts'
import { auditRefusals, auditStart, auditStops } from './wiring/audit-requests.ts'
import { checkReach } from './wiring/check-reach.ts'
import type { ServiceTasks } from './wiring/isolated-thread.ts'
import { createLazySandboxProvider, killSandboxOf } from './wiring/load-later.ts'
import { lazyTraceFinder } from './wiring/load-tracers.ts'
import { loadWorker } from './wiring/load-worker.ts'
import { countMasks, meterSandboxes } from './wiring/meter-work.ts'
import { missingSandboxes } from './wiring/missing-sandboxes.ts'
import { openGitHub } from './wiring/open-github.ts'
import { openReceipts } from './wiring/open-receipts.ts'
import { openReporting } from './wiring/open-reporting.ts'
import { serveOperatorOffice } from './wiring/operator-socket.ts'
import { createRunUrl } from './wiring/public-address.ts'
import { createRepositoryQuestions } from './wiring/repository-questions.ts'
import type { Backspace, ProcessSurroundings } from './wiring/running-backspace.ts'
import {
  countDeliveries,
  countRefusals,
  listenToModels,
  problemsOf,
  renderServiceMetrics,
} from './wiring/service-metrics.ts'
import { announceSetup, createSetup } from './wiring/setup.ts'
import { createWebAccess } from './wiring/web-access.ts'
import { webhookOf } from './wiring/webhook-of.ts'
import type { Pace, Worker } from './wiring/worker.ts'

export type { Backspace } from './wiring/running-backspace.ts'

/** How long each part may take to close at shutdown; after that the next part closes anyway. */
const CLOSE_MS = 2_000
/** A run page that takes longer than this to render with formatting is rendered without it. */
const DRAW_MS = 2_000

/**
 * Wires everything together; the only place that constructs things. Parts that are not needed to listen are loaded later:
 * the worker once the server listens; the pipeline, the models and the sandboxes with the first run.
 *
 * @throws {BackspaceError} when the database cannot be opened.
 */
export async function createBackspace(
  config: Config,
  pace: Pace = {},
  { from, say, host }: ProcessSurroundings = {},
): Promise<Backspace> {
  const redact = createRedact(config.secrets)
  let worker: Worker | undefined
  const logger = createLogger({ level: config.logLevel, redact, contextOf: (id) => worker?.contextOf(id) })
  const onError = createLogError(logger)
  const crashed = Promise.withResolvers<unknown>()
  const { inFunction } = config
  const db = await openDatabase(config.database, { onError, onCrash: crashed.resolve, inFunction })
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
    onlyEnqueues: inFunction && config.role === 'web',
    workerId: host?.workerId,
    limits,
    isTraced: (runId) => worker?.isTraced(runId) ?? false,
    onError,
    onPause: logPauses(logger),
    onAbandoned: (run) => killSandboxOf(sandboxes, run),
  })
  const deliveries = createDeliveryStore({ db, queue })
  const audit = countMasks(metrics, createAuditLog({ db, redact, chains: !inFunction, onError }))
  const pauses = createPauseStore(db)
  const { github, githubTokens } = openGitHub(config.github, { audit, metrics, logger })
  const closing = new AbortController()
  const threads = createThreads<ServiceTasks>(new URL('./wiring/isolated-thread.ts', import.meta.url))
  const door = from?.door ?? createSetupDoor()
  const { promise: outdated, resolve: onStored } = Promise.withResolvers<void>()
  let server: WebServer | undefined
  const listening = () => server?.url
  const publicUrl = () => config.web.publicUrl ?? listening() ?? ''
  const urls = (runId: string) => runUrls(publicUrl(), runId)
  const submit = countRefusals(
    metrics,
    auditRefusals(audit, (input) => submitRun({ db, queue, log, limits, urls }, input)),
  )
  const cancel = auditStops(audit, queue.cancel)

  const runUrl = createRunUrl(config.web, listening)
  const receipts = await openReceipts({ db, runUrl, redact, onError })
  const figures = createFigures(db)
  const { linkHosts } = config.github
  const telling = { github, store, log, submit, similar: figures.similar, runUrl, linkHosts }
  const { close: closeReporting, ...reporting } = openReporting({ db, ...telling, redact, onError })
  for (const listen of [metrics.observe, audit.chainSoon, logRuns(logger)]) log.onAppend(listen)

  const webDeps: WebDeps = {
    runs: store,
    ...figures,
    waiting: queue.waiting,
    providersNow: () => worker?.blockedProviders(),
    pause: pauses.read,
    log,
    receipts: { ...receipts, keys: receipts.keys.list },
    submit,
    cancel,
    ...createRepositoryQuestions(github),
    webhook: webhookOf(config.github, countDeliveries(metrics, deliveries.acceptDelivery)),
    setup: createSetup(config, { db, door, githubTokens, sandboxes, redact, listening, onStored }),
    findTrace: lazyTraceFinder(config),
    webUrl: config.github.webUrl,
    budgetCapUsd: config.limits.usd,
    ...createWebAccess(config, { db, github, audit, onError }),
    tokens,
    publicUrl,
    ready: () => problemsOf(db, config),
    metrics: (openStreams) => renderServiceMetrics(metrics, db, { config, sandboxes, openStreams }),
    redact,
    countRefusal: (reason) => metrics.count('backspace_http_refused_total', { reason }),
    reportError: onError,
    closing: closing.signal,
    longestStreamMs: host?.longestStreamMs,
  }
  const drawRun: DrawRun = (drawing) => threads.run('drawRun', drawing, DRAW_MS)
  const app = config.role === 'worker' ? createHealthApp(webDeps) : createWebApp(webDeps, drawRun)

  async function work(): Promise<Worker> {
    return (await loadWorker(config))({
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
      receipts: receipts.issuer,
      github,
      sandboxes,
      spawner,
      ...reporting,
      submit,
      threads,
      runUrl,
      logger,
      metrics,
      redact,
      onError,
      listenToModels: (runId) => listenToModels({ metrics, logger }, runId),
    })
  }

  async function start(): Promise<void> {
    await auditStart(audit, config)
    server = await serveApp(app, config.web, from?.server ?? host?.server)
    closeOffice = await serveOperatorOffice(config.database, { tokens, keys: receipts.keys, pauses, onError })
    const url = config.role === 'worker' ? server.url : publicUrl()
    logger.info({ url }, `Backspace listens on ${url}`)
    for (const warning of reachWarnings) logger.warn(warning)
    announceSetup(config, { door, url, say })
    worker = await work().catch(unlessClosing)
  }

  /** A stop during start-up closes the database under the worker that is loading, so its error is then expected. */
  function unlessClosing(error: unknown): undefined {
    if (!closing.signal.aborted) throw error
  }

  /** Keeps listening while runs drain, so that `/readyz` can report not ready and webhooks that still arrive are stored. */
  async function stop(graceMs: number, closeServer: () => Promise<void> | undefined): Promise<void> {
    closing.abort()
    await within(CLOSE_MS, started)
    await Promise.all([queue.drain(graceMs), within(graceMs, worker?.stopChores())])
    await Promise.all([
      closeServer(),
      within(CLOSE_MS, closeReporting()),
      within(CLOSE_MS, worker?.flushTraces(CLOSE_MS)),
    ])
    closeOffice?.()
    // Closed in parallel, since the process must exit before its supervisor kills it.
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
      stopped ??= stop(graceMs, () => server?.close(CLOSE_MS))
      return stopped
    },
    missingSandboxes: () => missingSandboxes(config),
    outdated,
    shifts: createShiftBook(db),
    isBusy: () => queue.isBusy() || (worker?.isBusy() ?? false),
    settled: db.settled,
    async handOver(graceMs) {
      if (!server) throw new Error('Backspace does not listen yet, so it has no server to hand over')
      server.hold()
      stopped ??= stop(graceMs, () => undefined)
      await stopped
      return { server, door }
    },
  }
}
