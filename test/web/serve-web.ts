import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { createReceiptKeys } from '../../src/receipts/receipt-keys.ts'
import { createReceiptStore } from '../../src/receipts/receipt-store.ts'
import { createPauseStore } from '../../src/runs/pause/operator-pause.ts'
import type { RunEventBody } from '../../src/runs/run-event.ts'
import { createFigures } from '../../src/runs/stats/figures.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createLoginStore } from '../../src/web/access/login-store.ts'
import { createShareStore } from '../../src/web/access/share-store.ts'
import { createTokenStore, type TokenStore } from '../../src/web/access/token-store.ts'
import { createWebApp } from '../../src/web/app.ts'
import { drawRun } from '../../src/web/pages/draw-run.ts'
import type { WebDeps } from '../../src/web/web-deps.ts'
import { startRuns, type TestRuns, type TestRunsOptions } from '../runs/start-runs.ts'
import { openSharedDatabase } from '../support/shared-postgres.ts'

export interface ServedWeb {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** The same app, without a socket. */
  readonly app: ReturnType<typeof createWebApp>
  readonly runs: TestRuns
  readonly tokens: TokenStore
  /** What the app reported as its own failure. */
  readonly reported: unknown[]
  /** Ends the server and its connections at once. */
  stop(): void
  /** Open connections, as the server counts them. */
  connections(): Promise<number>
  /** Starts a run by hand and appends these events. */
  play(bodies: readonly RunEventBody[], request?: Parameters<TestRuns['claim']>[0]): Promise<string>
  /** Appends events to a run that `play` started. */
  append(runId: string, bodies: readonly RunEventBody[]): Promise<void>
}

export const SECRET = 'canary-secret-value-0123456789'

/** One database for the tests of a file; each test finds it empty. */
export function useDatabase(): () => Database {
  let db: Database | undefined
  beforeAll(async () => {
    db = await openSharedDatabase()
  })
  afterAll(() => db?.close())
  return () => {
    if (!db) throw new Error('the database is not open yet')
    return db
  }
}

/** The web app over real HTTP, on the real store, log and queue. */
export async function serveWeb(
  db: Database,
  overrides: Partial<WebDeps> & { readonly queue?: TestRunsOptions; readonly port?: number } = {},
): Promise<ServedWeb> {
  const { queue, port = 0, ...deps } = overrides
  const runs = await startRuns(db, queue)
  const reported: unknown[] = []
  const tokens = createTokenStore(db, deps.now)
  let url = ''
  const app = createWebApp(
    {
      runs: runs.store,
      ...createFigures(db, deps.now),
      waiting: runs.queue.waiting,
      pause: createPauseStore(db, deps.now).read,
      log: runs.log,
      receipts: { ...createReceiptStore(db), keys: createReceiptKeys(db).list },
      submit: runs.submit,
      cancel: runs.queue.cancel,
      checkRepository: (repository) => Promise.resolve(repository),
      findPullRequest: async (_repository, number) => {
        return { number, title: 'Topic', author: 'eve', url: `https://github.com/acme/api/pull/${number}` }
      },
      webhook: undefined,
      webUrl: 'https://github.com',
      budgetCapUsd: 5,
      permissionOf: () => Promise.resolve('none'),
      audienceOf: async () => ({ isPublic: false, people: undefined }),
      gitHubSignIn: undefined,
      record: async () => {},
      apiTokens: [],
      operators: [],
      tokens,
      logins: createLoginStore(db, deps.now),
      shares: createShareStore(db, deps.now),
      openToLocal: true,
      trustedProxies: [],
      maxStreams: 50,
      publicUrl: () => url,
      ready: () => Promise.resolve([]),
      metrics: async () => 'backspace_up 1\n',
      redact: createRedact([SECRET]),
      countRefusal: () => {},
      hiddenAfterMs: 0,
      reportError: (error) => reported.push(error),
      ...deps,
    },
    drawRun,
  )
  const server = createAdaptorServer({ fetch: app.fetch })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  }
  onTestFinished(stop)

  async function append(runId: string, bodies: readonly RunEventBody[]): Promise<void> {
    for (const body of bodies) await runs.log.append(runId, 1, body)
  }

  return {
    url,
    app,
    runs,
    tokens,
    reported,
    stop,
    connections: () => promisify(server.getConnections.bind(server))(),
    append,
    async play(bodies, request) {
      const { id } = await runs.claim(request)
      await append(id, bodies)
      return id
    },
  }
}

/** Frames of a stream that has ended, as text: the bytes after `retry:`, without comments. */
export function framesOf(text: string): readonly string[] {
  return text.split('\n\n').filter((part) => part.startsWith('id: '))
}

export interface Frame {
  readonly id: number
  readonly data: Readonly<Record<string, unknown>>
}

export function parseFrames(text: string): readonly Frame[] {
  return framesOf(text).map((frame) => {
    const match = /^id: (\d+)\ndata: (.*)$/.exec(frame)
    if (!match?.[2]) throw new Error(`not a frame: ${frame}`)
    return { id: Number(match[1]), data: JSON.parse(match[2]) }
  })
}
