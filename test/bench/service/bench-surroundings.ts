import { startAnthropic } from '../../stand-ins/anthropic.ts'
import { startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { startGitHub } from '../../stand-ins/github/start-github.ts'
import {
  anthropicEnvironment,
  appEnvironment,
  e2bEnvironment,
  githubEnvironment,
} from '../../support/environment.ts'

const REPOSITORY = 'acme/bench'
export const WEBHOOK_PATH = '/api/github/webhooks'

/** What the service talks to; its limits are out of the way. */
export type BenchSurroundings = Awaited<ReturnType<typeof startBenchSurroundings>>

export async function startBenchSurroundings() {
  const apiKey = 'e2b_bench0000000000000000000'
  const github = await startGitHub()
  // A turn that never comes: the run stays where it is.
  const anthropic = await startAnthropic({ script: () => new Promise(() => {}) })
  const e2b = await startE2b({ apiKey })
  e2b.limitSandboxes(1000)
  const [owner = '', name = ''] = REPOSITORY.split('/')
  await github.createRepository({ owner, name, collaborators: { ada: 'write' }, files: FILES })
  const many = '100000'
  const env = {
    ...githubEnvironment(github),
    ...appEnvironment(github),
    ...anthropicEnvironment(anthropic),
    ...e2bEnvironment(e2b, apiKey),
    BACKSPACE_MODELS: 'anthropic:claude-opus-5-5',
    E2B_MAX_SANDBOXES: '1000',
    E2B_CREATES_PER_SECOND: '1000',
    BACKSPACE_SANDBOX: 'e2b',
    BACKSPACE_DEPLOYMENT: 'bench',
    BACKSPACE_CONCURRENCY: '200',
    BACKSPACE_MAX_RUNS: many,
    BACKSPACE_MAX_RUNS_PER_REPOSITORY: many,
    BACKSPACE_MAX_RUNS_PER_INSTALLATION: many,
    BACKSPACE_RUNS_PER_HOUR: many,
    BACKSPACE_DAILY_USD_PER_REPOSITORY: '10000',
    BACKSPACE_DAILY_USD_PER_INSTALLATION: '10000',
  }
  async function close(): Promise<void> {
    for (const standIn of [github, anthropic, e2b]) await standIn.close()
  }
  return { github, anthropic, e2b, env, repoUrl: `${github.url}/${REPOSITORY}`, close }
}

/** Small, with commands of its own: what is measured is the service. */
const FILES = {
  'README.md': '# A repository\n',
  '.github/backspace.yml': 'setup: "true"\nchecks: "test -f README.md"\n',
}
