/** Writes events of many runs through the real log, at a fixed rate; begins when it is sent a line, and ends with the next. */
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../../../src/db/database.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createRunLog, type RunLog } from '../../../src/runs/log/run-log.ts'
import type { RunRequest } from '../../../src/runs/run.ts'
import { migrate } from '../../../src/runs/store/migrate.ts'
import { createRunStore } from '../../../src/runs/store/run-store.ts'
import { runTotals } from '../../../src/runs/summary/run-totals.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { createLoginStore } from '../../../src/web/access/login-store.ts'
import { createShareStore } from '../../../src/web/access/share-store.ts'
import { createTokenStore } from '../../../src/web/access/token-store.ts'
import { createWebApp } from '../../../src/web/app.ts'
import { serveApp } from '../../../src/web/serve-app.ts'
import type { FanOutPlan, FanOutStart } from './fan-out-plan.ts'

const REQUEST: RunRequest = {
  ...{ trigger: 'code', repository: { owner: 'acme', name: 'bench' }, prompt: 'Say hello' },
  ...{ requester: { login: 'ada' }, options: {}, tainted: false },
}
const TOTALS = runTotals([], { endedAt: new Date(0), langsmithEnabled: false })
/** About as much as a tool call says. */
const TEXT = 'x'.repeat(200)

async function main(plan: FanOutPlan): Promise<void> {
  const db = await openDatabase(plan.location)
  await migrate(db)
  const log = createRunLog({ db })
  const runIds = Array.from({ length: plan.runs }, () => randomUUID())
  const columns = { status: 'running', repository: 'acme/bench', attempt: 1, created_at: new Date() }
  const request = JSON.stringify(REQUEST)
  await db.sql
    .insertInto('runs')
    .values(runIds.map((id) => ({ ...columns, id, request })))
    .execute()
  const server = plan.serves ? await serve(db, log) : undefined
  const start: FanOutStart = { runIds, url: server?.url }
  process.stdout.write(`${JSON.stringify(start)}\n`)
  const orders = createInterface(process.stdin)[Symbol.asyncIterator]()
  await orders.next()
  await Promise.all(runIds.map((runId, index) => produce({ log, runId, plan, index })))
  // On a busy machine readers are far behind: a server that ended now would take their last events along.
  await orders.next()
  await server?.close(1000)
  await log.close()
  await db.close()
  process.exit(0)
}

async function produce(task: {
  readonly log: RunLog
  readonly runId: string
  readonly plan: FanOutPlan
  readonly index: number
}): Promise<void> {
  const { log, runId, plan, index } = task
  const everyMs = 1000 / plan.eventsPerSecond
  const startAt = performance.now() + (everyMs * index) / plan.runs // Not all runs in the same moment.
  const written: Promise<unknown>[] = []
  for (let count = 0; count < plan.eventsPerSecond * plan.seconds; count++) {
    const early = startAt + count * everyMs - performance.now()
    if (early > 0) await delay(early)
    written.push(log.append(runId, 1, { type: 'notice', level: 'info', message: TEXT }))
  }
  await Promise.all(written)
  await log.append(runId, 1, { type: 'run.failed', code: 'internal', message: 'The end', totals: TOTALS })
}

/** The real web app; nothing but reading is asked of it. */
function serve(db: Database, log: RunLog) {
  const runs = createRunStore(db)
  const refuse = () => Promise.reject(new Error('nobody asks for this here'))
  const app = createWebApp(
    {
      ...{
        runs,
        ...{ repositories: () => Promise.resolve([]), statistics: refuse, similar: async () => undefined },
        waiting: async () => undefined,
        pause: async () => undefined,
        log,
      },
      receipts: { find: async () => undefined, has: async () => false, keys: async () => [] },
      ...{ submit: refuse, cancel: refuse, checkRepository: refuse, webhook: undefined },
      findPullRequest: async () => {
        throw new Error('the bench proves nothing')
      },
      ...{ webUrl: 'https://github.com', budgetCapUsd: 1, apiTokens: [], operators: [], publicUrl: () => '' },
      ...{
        tokens: createTokenStore(db),
        logins: createLoginStore(db),
        shares: createShareStore(db),
        permissionOf: refuse,
      },
      ...{ audienceOf: refuse, gitHubSignIn: undefined, record: async () => {} },
      ...{ openToLocal: true, trustedProxies: [], maxStreams: 1000, countRefusal: () => {} },
      ...{
        ready: async () => [],
        metrics: async () => '',
        redact: createRedact([]),
        reportError: () => {},
      },
    },
    refuse,
  )
  return serveApp(app, { host: '127.0.0.1', port: 0 })
}

await main(JSON.parse(process.argv[2] ?? '{}') as FanOutPlan)
