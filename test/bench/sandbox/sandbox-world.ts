import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endOf, type ReceivedFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../../src/commands/terminal/run/run-frames.ts'
import { createE2bSandboxProvider } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { startGitHub } from '../../stand-ins/github/start-github.ts'
import { appEnvironment, githubEnvironment } from '../../support/environment.ts'
import { copyTemplateDatabase } from '../../support/template-database.ts'
import { startMeteredServer } from '../agent/metered-server.ts'
import { askForRun } from '../ask-for-run.ts'
import { startSubject } from '../service/subject.ts'
import { git, makeSizedRepository, removeSizedRepository } from './sized-repository.ts'
import { type LineRequest, openSlowLine, type SlowLine } from './slow-line.ts'
import { answerAfter, TASK_PROMPT } from './task.ts'

export const E2B_KEY = 'e2b_bench_0123456789abcdef'

/** The service as a process of its own, a model that knows the task, and sandboxes behind a line. */
export interface SandboxWorld {
  readonly e2b: E2bStandIn
  readonly line: SlowLine
  /** Carries out the task in a repository with so many files, to the pull request. */
  carryOut(fileCount: number): Promise<CarriedOut>
  /** What git alone takes to fetch a commit with so many files, in milliseconds. */
  fetchAlone(fileCount: number): Promise<number>
  close(): Promise<void>
}

export interface CarriedOut {
  readonly frames: readonly ReceivedFrame[]
  /** What the service asked of E2B meanwhile. */
  readonly requests: readonly LineRequest[]
}

/** @param verify as `BACKSPACE_VERIFY`. */
export async function startSandboxWorld(
  sandbox: 'e2b' | 'unconfined',
  verify: 'off' | 'full' = 'off',
): Promise<SandboxWorld> {
  const github = await startGitHub()
  const e2b = await startE2b({ apiKey: E2B_KEY })
  const line = await openSlowLine(e2b.url)
  const server = await startMeteredServer(answerAfter)
  const dataDir = await copyTemplateDatabase()
  const repositories: string[] = []
  const subject = await startSubject({
    DATA_DIR: dataDir,
    ...githubEnvironment(github),
    ...appEnvironment(github),
    BACKSPACE_SANDBOX: sandbox,
    BACKSPACE_VERIFY: verify,
    E2B_API_KEY: E2B_KEY,
    E2B_API_URL: line.url,
    E2B_SANDBOX_URL: line.url,
    BACKSPACE_MODELS: 'anthropic:claude-opus-5-5',
    ANTHROPIC_API_KEY: 'sk-ant-bench-0123456789abcdef',
    ANTHROPIC_BASE_URL: server.origin,
  })

  async function repositoryOf(fileCount: number): Promise<string> {
    const name = `ledger-${fileCount}`
    if (repositories.includes(name)) return name
    const directory = await makeSizedRepository(fileCount)
    await github.createRepository({ owner: 'acme', name, fromDirectory: directory })
    await removeSizedRepository(directory)
    repositories.push(name)
    return name
  }

  return {
    e2b,
    line,
    async carryOut(fileCount) {
      const repoUrl = `${github.url}/acme/${await repositoryOf(fileCount)}`
      const before = line.requests.length
      const { eventsUrl } = await askForRun(subject.url, { prompt: TASK_PROMPT, repoUrl })
      const frames = await Array.fromAsync(runFrames(eventsUrl))
      const last = frames.at(-1)
      if (endOf(last) !== 'success') throw new Error(`the run failed: ${JSON.stringify(last)}`)
      return { frames, requests: line.requests.slice(before) }
    },
    async fetchAlone(fileCount) {
      const url = `${github.url}/acme/${await repositoryOf(fileCount)}.git`
      const directory = await mkdtemp(join(tmpdir(), 'backspace-fetched-'))
      try {
        await git(['init', '--quiet', '--bare', directory])
        const startedAt = performance.now()
        await git([
          '-C',
          directory,
          '-c',
          'fetch.unpackLimit=1',
          'fetch',
          '--quiet',
          '--depth=1',
          url,
          'main',
        ])
        return performance.now() - startedAt
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },
    async close() {
      await subject.stop()
      for (const part of [server, line, e2b, github]) await part.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Sandboxes of the stand-in, reached through a line. */
export function createBenchProvider(url: string): SandboxProvider {
  return createE2bSandboxProvider({
    apiKey: E2B_KEY,
    apiUrl: url,
    sandboxUrl: url,
    template: 'base',
    deployment: 'bench',
    reachesGitHub: false,
    maxSandboxes: 2,
    createsPerSecond: 5,
  })
}
