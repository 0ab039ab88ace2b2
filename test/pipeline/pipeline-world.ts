import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import type { Agent, AgentContext, AgentOutcome, AgentTask } from '../../src/agent/agent.ts'
import { createAuditLog } from '../../src/audit/audit-log.ts'
import type { Database } from '../../src/db/database.ts'
import { createGitHubAccess } from '../../src/github/github-access.ts'
import { createTokenKeeper, type TokenKeeper } from '../../src/github/token-keeper.ts'
import { createExecuteRun } from '../../src/pipeline/execute-run.ts'
import type { ThreadReport } from '../../src/pipeline/run-report.ts'
import type { RunServices } from '../../src/pipeline/run-services.ts'
import { createSpawner } from '../../src/processes/spawner.ts'
import { type CheckedReceipt, checkReceipt } from '../../src/receipts/check-receipt.ts'
import { createFollowUpStore } from '../../src/runs/follow-ups/follow-up-store.ts'
import { createRunLog, type RunLog } from '../../src/runs/log/run-log.ts'
import type { Run, RunRequest } from '../../src/runs/run.ts'
import type { RunEvent } from '../../src/runs/run-event.ts'
import { createEffectStore } from '../../src/runs/store/effect-store.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { createRunStore, type RunStore } from '../../src/runs/store/run-store.ts'
import { submitRun } from '../../src/runs/submit-run.ts'
import { createLocalSandboxProvider } from '../../src/sandbox/local/local-sandbox.ts'
import type { SandboxProvider } from '../../src/sandbox/sandbox.ts'
import type { Pause } from '../../src/time/pause.ts'
import { openReceipts } from '../../src/wiring/open-receipts.ts'
import { WIDE_LIMITS } from '../runs/wide-limits.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/start-github.ts'
import type { WatchRequests } from '../stand-ins/watch-requests.ts'
import { auditedKinds } from '../support/audited.ts'
import { endingsApart } from '../support/endings-apart.ts'
import { openSharedDatabase } from '../support/shared-postgres.ts'

/** What a test's agent does: a script in the workspace, or anything. */
export type Work = string | ((task: AgentTask, context: AgentContext) => Promise<Partial<AgentOutcome>>)

interface PipelineWorld {
  readonly github: GitHubStandIn
  /** Of everything that a run mints. */
  readonly tokens: TokenKeeper
  readonly reports: ThreadReport[]
  readonly errors: unknown[]
  /** Submits a run, claims it and carries it to its end. */
  run(request: Partial<RunRequest>, work: Work, signal?: AbortSignal): Promise<Finished>
  /** Claims the run once more, as another worker would. */
  runAgain(runId: string, work: Work, signal?: AbortSignal): Promise<Finished>
  /** Kinds of entries in the audit log. */
  audited(runId: string): Promise<readonly string[]>
  /** The receipt of a run, checked without the service; undefined if it has none. */
  receiptOf(runId: string): Promise<CheckedReceipt | '' | undefined>
  readonly log: RunLog
  readonly store: RunStore
}

export interface Finished {
  readonly run: Run
  readonly events: readonly RunEvent[]
  /** The terminal event. */
  readonly end: RunEvent
}

export interface PipelineOptions {
  readonly credential?: 'app' | { readonly pat: (github: GitHubStandIn) => string }
  /** Changes the sandbox provider, say to make it clone by itself. */
  readonly sandboxes?: (provider: SandboxProvider) => SandboxProvider
  readonly fork?: { readonly delayMs: number; readonly until: 'missing' | 'empty' }
  readonly pause?: Pause
  /** Changes the log that the pipeline writes to. */
  readonly log?: (log: RunLog) => RunLog
  /** Called with every request to GitHub. */
  readonly watch?: WatchRequests
  readonly commandMinutes?: RunServices['commandMinutes']
  readonly setupCache?: RunServices['setupCache']
  readonly files?: RunServices['files']
  /** Default: off. */
  readonly verify?: RunServices['verify']
  /** Works instead of what `run` is given. */
  readonly agent?: Agent
}

/** Of an agent that used nothing. */
export const TOTALS = { turns: 0, toolCalls: 0, models: ['scripted:test'] }

export type StartPipeline = (options?: PipelineOptions) => Promise<PipelineWorld>

/** Opens one database for the tests of a file; each test starts its own pipeline on it. */
export function preparePipelines(): StartPipeline {
  let db: Database | undefined
  beforeAll(async () => {
    db = await openSharedDatabase()
    await migrate(db)
  })
  afterAll(() => db?.close())
  return (options = {}) => {
    if (!db) throw new Error('the database is not open yet')
    return startPipeline(db, options)
  }
}

/** The pipeline on real parts: GitHub's stand-in, PostgreSQL, git, processes. Only the agent is the test's own. */
async function startPipeline(db: Database, options: PipelineOptions): Promise<PipelineWorld> {
  const github = await startGitHub({
    ...(options.fork ? { fork: options.fork } : {}),
    ...(options.watch ? { watch: options.watch } : {}),
  })
  const store = createRunStore(db)
  const log = createRunLog({ db })
  const errors: unknown[] = []
  const spawner = createSpawner()
  const audit = createAuditLog({ db, redact: (text) => text, onError: (error) => errors.push(error) })
  onTestFinished(async () => {
    await log.close()
    await audit.close()
    await github.close()
    spawner.close()
  })
  const pause = options.pause ?? (async () => {})
  const tokens = createTokenKeeper({ apiUrl: github.apiUrl, pause })
  const { credential = 'app', sandboxes = (provider) => provider } = options
  const reports: ThreadReport[] = []
  const secrets = credential === 'app' ? [github.privateKey] : [credential.pat(github)]
  let work: Work = ''
  const runUrl = (id: string) => `http://backspace.test/runs/${id}`
  const onError = (error: unknown) => errors.push(error)
  const receipts = options.verify && (await openReceipts({ db, runUrl, redact: (text) => text, onError }))
  const execute = createExecuteRun({
    ...{
      store,
      log: options.log ? options.log(log) : log,
      audit,
      followUps: createFollowUpStore(db),
      effects: createEffectStore(db),
      secrets,
      spawner,
      egressHosts: [],
      langsmithEnabled: false,
    },
    github: createGitHubAccess({
      ...(credential === 'app'
        ? { app: { id: github.appId, privateKey: github.privateKey } }
        : { pat: secrets[0] }),
      ...{ apiUrl: github.apiUrl, webUrl: github.url, pause, tokens },
    }),
    sandboxes: sandboxes(createLocalSandboxProvider({ mode: 'unconfined', deployment: 'test', spawner })),
    agentFor: async () => ({
      agent: options.agent ?? createScriptAgent(() => work),
      whyNoModel: ['No key'],
    }),
    reporter: {
      async conclude(_run, report) {
        reports.push(report)
        return { commentUrl: 'https://example.test/comment' }
      },
    },
    limits: { steps: 10, minutes: 10, usd: 1, tokens: 1_000_000 },
    commandMinutes: options.commandMinutes ?? { setup: 5, maxSetup: 10, check: 5, maxCheck: 10 },
    setupCache: options.setupCache,
    files: options.files,
    verify: options.verify,
    receipts: receipts?.issuer,
    webUrl: github.url,
    runUrl,
    onError,
    pause,
  })

  async function carry(runId: string, next: Work, signal: AbortSignal): Promise<Finished> {
    work = next
    const claim = await store.markRunning(runId)
    if (!claim) throw new Error('the run cannot be claimed')
    await execute({ run: claim.run, attempt: claim.run.attempt, signal })
    expect(await endingsApart(db)).toEqual([])
    const run = await store.get(runId)
    const events = await log.read(runId, 0)
    const end = events.at(-1)
    if (!run || !end) throw new Error('the run left nothing behind')
    return { run, events, end }
  }

  return {
    github,
    tokens,
    log,
    store,
    reports,
    errors,
    async run(request, next, signal = new AbortController().signal) {
      const { run } = await submitRun(
        {
          db,
          log,
          queue: { admit: () => {} },
          limits: WIDE_LIMITS,
          urls: (id) => ({ runUrl: `http://backspace.test/runs/${id}`, eventsUrl: '' }),
        },
        { key: crypto.randomUUID(), request: { ...REQUEST, ...request } },
      )
      return carry(run.id, next, signal)
    },
    runAgain: (runId, next, signal = new AbortController().signal) => carry(runId, next, signal),
    audited: (runId) => auditedKinds(db, runId),
    async receiptOf(runId) {
      const envelope = (await receipts?.find(runId))?.envelope
      return envelope && receipts && checkReceipt(envelope, await receipts.keys.list())
    },
  }
}

const REQUEST: RunRequest = {
  trigger: 'code',
  repository: { owner: 'acme', name: 'api' },
  prompt: 'Change something',
  requester: { login: 'ada', id: 7 },
  options: {},
  tainted: false,
}

function createScriptAgent(work: () => Work): Agent {
  return {
    name: 'dummy',
    async work(task, context) {
      const outcome = {
        kind: 'done',
        title: 'Change something',
        summary: 'It is changed.',
        totals: TOTALS,
      } as const
      const next = work()
      if (typeof next === 'function') return { ...outcome, ...(await next(task, context)) }
      const { exitCode, stdout, stderr } = await context.sandbox.exec(`set -e\n${next}`, {
        cwd: task.workspace,
      })
      if (exitCode !== 0) throw new Error(`the script failed: ${stdout}${stderr}`)
      return outcome
    },
  }
}
