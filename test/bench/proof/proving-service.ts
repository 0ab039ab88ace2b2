import { rm } from 'node:fs/promises'
import { type GitHubStandIn, startGitHub } from '../../stand-ins/github/start-github.ts'
import { appEnvironment, githubEnvironment } from '../../support/environment.ts'
import { copyTemplateDatabase } from '../../support/template-database.ts'
import { startMeteredServer } from '../agent/metered-server.ts'
import { askForRun } from '../ask-for-run.ts'
import { startSubject } from '../service/subject.ts'
import type { SampleProject } from './sample-projects.ts'

/** The service as a process of its own, with local sandboxes and all of the verification, and a model that knows the fix. */
export interface ProvingService {
  readonly github: GitHubStandIn
  /** Asks for a run. @returns the address of its events. */
  ask(repository: string, prompt: string): Promise<string>
  close(): Promise<void>
}

/** @param env of the service, beside what it needs. */
export async function startProvingService(
  turns: SampleProject['turns'],
  env: Readonly<Record<string, string>> = {},
): Promise<ProvingService> {
  const github = await startGitHub()
  const server = await startMeteredServer((results) => turns[results] ?? turns.at(-1) ?? { text: '' })
  const dataDir = await copyTemplateDatabase()
  const subject = await startSubject({
    ...env,
    DATA_DIR: dataDir,
    ...githubEnvironment(github),
    ...appEnvironment(github),
    BACKSPACE_SANDBOX: 'local',
    BACKSPACE_VERIFY: 'full',
    BACKSPACE_MODELS: 'anthropic:claude-opus-5-5',
    ANTHROPIC_API_KEY: 'sk-ant-bench-0123456789abcdef',
    ANTHROPIC_BASE_URL: server.origin,
  })
  return {
    github,
    async ask(repository, prompt) {
      return (await askForRun(subject.url, { prompt, repoUrl: `${github.url}/${repository}` })).eventsUrl
    },
    async close() {
      await subject.stop()
      for (const part of [server, github]) await part.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
