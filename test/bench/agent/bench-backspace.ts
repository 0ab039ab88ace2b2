import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { RunView } from '../../../src/web/run-view.ts'
import type { RepositoryHandle } from '../../stand-ins/github/observer.ts'
import type { GitHubStandIn } from '../../stand-ins/github/start-github.ts'
import { startGitHub } from '../../stand-ins/github/start-github.ts'
import { appEnvironment, githubEnvironment } from '../../support/environment.ts'
import { copyTemplateDatabase } from '../../support/template-database.ts'
import { askForRun } from '../ask-for-run.ts'
import { type Subject, startSubject } from '../service/subject.ts'
import { BACKSPACE_DIALECT, CLAUDE_CODE_IN_BACKSPACE } from './dialect.ts'
import { type MeteredServer, startMeteredServer } from './metered-server.ts'
import { scriptFor } from './script-for.ts'
import { TASK_PROMPT, taskFiles } from './task.ts'

/** The whole service as a process of its own, with a repository to work on and a model that knows the task. */
export interface BenchBackspace {
  readonly subject: Subject
  readonly server: MeteredServer
  /** From the request to the pull request. */
  carryOut(): Promise<CarriedOut>
  close(): Promise<void>
}

interface CarriedOut {
  readonly seconds: number
  /** Reads a file of the branch that the run made. */
  readonly readFile: (path: string) => Promise<string>
}

/** Each look costs the service that is measured. */
const POLL_MS = 500
const PATIENCE_MS = 180_000
/** Which agent of ours works, on whose model. */
export type OurAgent = 'anthropic' | 'openai' | 'claude-code'

const CLAUDE = 'anthropic:claude-opus-5-5'
const MODELS = { anthropic: CLAUDE, openai: 'openai:gpt-6.1-sol', 'claude-code': CLAUDE } as const

/** @param claudeCode path of the program, for the agent of that name. */
export async function startBenchBackspace(agent: OurAgent, claudeCode = ''): Promise<BenchBackspace> {
  const github = await startGitHub()
  const server = await startMeteredServer(
    scriptFor(agent === 'claude-code' ? CLAUDE_CODE_IN_BACKSPACE : BACKSPACE_DIALECT, ''),
  )
  const dataDir = await copyTemplateDatabase()
  const repository = await github.createRepository({ owner: 'acme', name: 'ledger', files: taskFiles() })
  const subject = await startSubject({
    DATA_DIR: dataDir,
    ...githubEnvironment(github),
    ...appEnvironment(github),
    BACKSPACE_SANDBOX: 'unconfined', // As the others are run.
    BACKSPACE_MODELS: MODELS[agent],
    BACKSPACE_AGENT: agent === 'claude-code' ? agent : 'builtin',
    CLAUDE_CODE_PATH: claudeCode,
    ANTHROPIC_API_KEY: 'sk-ant-bench-0123456789abcdef',
    ANTHROPIC_BASE_URL: server.origin,
    OPENAI_API_KEY: 'sk-proj-bench-0123456789abcdef',
    OPENAI_BASE_URL: `${server.origin}/v1`,
  })
  return {
    subject,
    server,
    async carryOut() {
      const askedAt = Date.now()
      const asked = { prompt: TASK_PROMPT, repoUrl: `${github.url}/acme/ledger` }
      const run = await waitForEnd(subject.url, (await askForRun(subject.url, asked)).runId)
      const branch = branchOf(github, run)
      return {
        seconds: (Date.parse(run.finishedAt) - askedAt) / 1000,
        readFile: (path) => readFromBranch(repository, branch, path),
      }
    },
    async close() {
      await subject.stop()
      await server.close()
      await github.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

type EndedRun = RunView & { readonly finishedAt: string }

async function waitForEnd(url: string, id: string): Promise<EndedRun> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const response = await fetch(`${url}/runs/${id}`, { headers: { accept: 'application/json' } })
    const run = (await response.json()) as RunView
    const { finishedAt } = run
    if (finishedAt !== null) return { ...run, finishedAt }
    if (Date.now() > deadline) throw new Error(`the run did not end within ${PATIENCE_MS / 1000} s`)
    await delay(POLL_MS)
  }
}

function branchOf(github: GitHubStandIn, run: RunView): string {
  const pull = github.pullRequests('acme/ledger').find(({ htmlUrl }) => htmlUrl === run.pullRequestUrl)
  if (!pull) throw new Error(`the run ended without a pull request: ${run.message}`)
  return pull.head
}

async function readFromBranch(
  { directory }: RepositoryHandle,
  branch: string,
  path: string,
): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['show', `${branch}:${path}`], { cwd: directory })
  return stdout
}
