import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startE2b } from '../stand-ins/e2b/start-e2b.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'
import type { WatchRequests } from '../stand-ins/watch-requests.ts'
import {
  anthropicEnvironment,
  appEnvironment,
  e2bEnvironment,
  githubEnvironment,
} from '../support/environment.ts'
import { createChaosModel } from './model-script.ts'
import type { Random } from './random.ts'

/** Low, so that they are reached all the time. */
export const CAPS = { repository: 2, account: 3, deployment: 4, sandboxes: 6 } as const

export const REPOSITORIES = ['acme/one', 'acme/two', 'beta/three'] as const
export const WEBHOOK_PATH = '/api/github/webhooks'

/** Everything that the service talks to, in this process. */
export type Surroundings = Awaited<ReturnType<typeof startSurroundings>>

export async function startSurroundings(options: { readonly random: Random; readonly watch: WatchRequests }) {
  const { watch } = options
  const apiKey = 'e2b_chaos0000000000000000000'
  const model = createChaosModel(options.random.fork('model'))
  const github = await startGitHub({ watch })
  const anthropic = await startAnthropic({ script: model.script, watch })
  const e2b = await startE2b({ apiKey, watch })
  e2b.limitSandboxes(CAPS.sandboxes)
  for (const repository of REPOSITORIES) {
    const [owner = '', name = ''] = repository.split('/')
    await github.createRepository({ owner, name, collaborators: { ada: 'write' }, files: FILES })
  }
  const env = {
    PATH: process.env.PATH ?? '',
    ...githubEnvironment(github),
    ...appEnvironment(github),
    ...anthropicEnvironment(anthropic),
    ...e2bEnvironment(e2b, apiKey),
    E2B_MAX_SANDBOXES: String(CAPS.sandboxes),
    E2B_CREATES_PER_SECOND: '20',
    BACKSPACE_SANDBOX: 'e2b',
    BACKSPACE_DEPLOYMENT: 'chaos',
    BACKSPACE_MAX_RUNS: String(CAPS.deployment),
    BACKSPACE_MAX_RUNS_PER_REPOSITORY: String(CAPS.repository),
    BACKSPACE_MAX_RUNS_PER_INSTALLATION: String(CAPS.account),
    BACKSPACE_RUNS_PER_HOUR: '10000',
    BACKSPACE_DAILY_USD_PER_REPOSITORY: '10000',
    BACKSPACE_DAILY_USD_PER_INSTALLATION: '10000',
    BACKSPACE_CONCURRENCY: '3',
    LOG_LEVEL: 'info',
  }
  async function close(): Promise<void> {
    for (const standIn of [github, anthropic, e2b]) await standIn.close()
  }
  return { github, anthropic, e2b, model, env, close }
}

/** Small and quick, with commands of its own: npm would take most of the time. */
const FILES = {
  'README.md': '# A repository that many things happen to\n',
  'src/greet.sh': 'echo hello\n',
  '.github/backspace.yml': 'setup: "true"\nchecks: "test -f README.md"\n',
}
