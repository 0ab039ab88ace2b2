import { randomBytes } from 'node:crypto'
import { delimiter, join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { type Backspace, createBackspace } from '../../src/backspace.ts'
import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../src/commands/terminal/run/run-frames.ts'
import { readConfig } from '../../src/config.ts'
import type { DatabaseLocation } from '../../src/db/open-database.ts'
import type { Pace } from '../../src/wiring/worker.ts'
import { type AnthropicStandIn, startAnthropic } from '../stand-ins/anthropic.ts'
import { type E2bStandIn, startE2b } from '../stand-ins/e2b/start-e2b.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/start-github.ts'
import { type LangSmithStandIn, startLangSmith } from '../stand-ins/langsmith.ts'
import type { Script } from '../stand-ins/models/script.ts'
import { type OpenAIStandIn, startOpenAI } from '../stand-ins/openai.ts'
import { expectContract, readAnswers } from './api-contract.ts'
import {
  anthropicEnvironment,
  appEnvironment,
  e2bEnvironment,
  githubEnvironment,
  signInEnvironment,
} from './environment.ts'
import { readFixture } from './read-fixture.ts'
import { createWorldDatabase } from './world-database.ts'

export interface WorldOptions {
  /** Default: unconfined. */
  readonly sandbox?: 'e2b' | 'local' | 'unconfined'
  /** Default: shared if no sandbox is named, else embedded; see `createWorldDatabase`. */
  readonly database?: 'embedded' | 'shared' | undefined
  /** A provider without a script has no key. */
  readonly anthropic?: Script
  readonly openai?: Script
  readonly langsmith?: boolean
  readonly app?: boolean
  /** True: people sign in through the App. */
  readonly signIn?: boolean
  /** A personal token of this person is its `GITHUB_PAT`. */
  readonly pat?: { readonly login: string; readonly scopes: readonly string[] }
  /** What is verified in clean sandboxes. Default: `off`, which costs a scenario a third of its time. */
  readonly verify?: 'full' | 'checks' | undefined
  readonly pace?: Pace
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** The product and everything around it, on loopback, over real HTTP. */
export interface World {
  readonly github: GitHubStandIn
  readonly anthropic: AnthropicStandIn | undefined
  readonly openai: OpenAIStandIn | undefined
  readonly e2b: E2bStandIn | undefined
  readonly langsmith: LangSmithStandIn | undefined
  readonly backspace: Backspace
  /** To look into once it is stopped. */
  readonly database: DatabaseLocation
  /** Address of the product. */
  readonly url: string
  /** Every run so far, newest first. */
  runs(): Promise<readonly { readonly id: string; readonly status: string; readonly eventsUrl: string }[]>
  /** Waits for the newest run to end and returns its frames. */
  frames(): Promise<readonly ReceivedFrame[]>
}

/** A directory with an `npm` for stories that are not about npm: in the other sandboxes the machine's own runs. */
export const NPM_STAND_IN = join(import.meta.dirname, '../stand-ins/npm')

/** No two worlds have a secret in common: a search for leaks looks at every process of the machine. */
const newKey = (prefix: string) => `${prefix}canary${randomBytes(10).toString('hex')}`

/** Starts everything around the product; `env` holds the settings that make the product use it. */
export async function startStandIns(options: WorldOptions = {}) {
  const { sandbox = 'unconfined' } = options
  const github = await startGitHub()
  const anthropic = options.anthropic && (await startAnthropic({ script: options.anthropic }))
  const openai = options.openai && (await startOpenAI({ script: options.openai }))
  const keys = { e2b: newKey('e2b_'), langsmith: newKey('lsv2_pt_') }
  const e2b = sandbox === 'e2b' ? await startE2b({ apiKey: keys.e2b }) : undefined
  const langsmith = options.langsmith ? await startLangSmith({ apiKey: keys.langsmith }) : undefined
  const env: Record<string, string> = {
    PATH:
      sandbox === 'unconfined' ? [NPM_STAND_IN, process.env.PATH].join(delimiter) : (process.env.PATH ?? ''),
    ...githubEnvironment(github),
    ...(options.app === false ? {} : appEnvironment(github)),
    ...(options.signIn ? signInEnvironment(github) : {}),
    ...(options.pat ? { GITHUB_PAT: github.createPat(options.pat) } : {}),
    ...(anthropic ? anthropicEnvironment(anthropic) : {}),
    ...(openai ? { OPENAI_API_KEY: openai.apiKey, OPENAI_BASE_URL: openai.baseUrl } : {}),
    ...(e2b ? e2bEnvironment(e2b, keys.e2b) : {}),
    ...(langsmith ? { LANGSMITH_API_KEY: keys.langsmith, LANGSMITH_ENDPOINT: langsmith.url } : {}),
    BACKSPACE_SANDBOX: sandbox,
    PORT: '0',
    LOG_LEVEL: 'silent',
    BACKSPACE_VERIFY: options.verify ?? 'off',
    ...options.env,
  }
  async function close(): Promise<void> {
    for (const standIn of [github, anthropic, openai, e2b, langsmith]) await standIn?.close()
  }
  return { github, anthropic, openai, e2b, langsmith, env, close }
}

/** A world of its own for one test. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { close, ...world } = await openWorld(options)
  onTestFinished(close)
  return world
}

/** A world whose owner closes it; closing expects that all that it answered is as documented. */
export async function openWorld(options: WorldOptions): Promise<World & { close(): Promise<void> }> {
  const { env, close: closeStandIns, ...standIns } = await startStandIns(options)
  const database = await createWorldDatabase(options)
  const config = readConfig({ ...database.env, ...env })
  const backspace = await createBackspace(config, options.pace)
  const { url } = await backspace.start()
  standIns.github.setWebhookTarget(`${url}${config.github.webhookPath}`)
  async function close(): Promise<void> {
    // Some tests have stopped it themselves, and some let in only clients with a token.
    const answers = await readAnswers(url).catch(() => [])
    const metrics = await fetch(`${url}/metrics`).then(
      (response) => response.text(),
      () => '',
    )
    await backspace.stop(0)
    await closeStandIns()
    await database.remove()
    expect(metrics).not.toMatch(/^backspace_transcript_violations_total [1-9]/m)
    expectContract(answers)
  }
  return { ...standIns, backspace, database: database.location, url, ...observe(url), close }
}

/**
 * What a client of the product sees.
 *
 * @param of.repository `owner/name`: only its runs.
 */
export function observe(
  url: string,
  { token, repository }: { readonly token?: string; readonly repository?: string } = {},
): Pick<World, 'runs' | 'frames'> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const runs = async () => {
    const query = repository === undefined ? '' : `?repository=${repository}`
    const response = await fetch(`${url}/runs${query}`, {
      headers: { accept: 'application/json', ...headers },
    })
    return ((await response.json()) as { runs: Awaited<ReturnType<World['runs']>> }).runs
  }
  return {
    runs,
    async frames() {
      const [newest] = await eventually(runs, ({ length }) => length > 0)
      if (!newest) throw new Error('no run was started')
      return await Array.fromAsync(runFrames(newest.eventsUrl, token === undefined ? {} : { token }))
    },
  }
}

const PATIENCE_MS = 120_000

/**
 * Asks again until the answer holds, and returns it; gives up after two minutes, and says what the last answer was. Use it for
 * all that the service does after it has answered or has written the terminal event.
 *
 * @param holds by default every answer but undefined and false.
 */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  holds: (answer: T) => boolean = (answer) => answer !== undefined && answer !== false,
): Promise<Exclude<T, undefined | false>> {
  const start = performance.now()
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer as Exclude<T, undefined | false>
    if (performance.now() - start > PATIENCE_MS) {
      throw new Error(
        `This did not hold within two minutes: ${holds} of ${ask}. The last answer was ${inspect(answer)}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A repository with a failing test that people called ada (write), root (admin) and eve (read) use. */
export async function createGreeter(
  github: GitHubStandIn,
  { owner = 'acme', ...options }: { readonly owner?: string; readonly private?: boolean } = {},
) {
  await github.createRepository({
    owner,
    name: 'greeter',
    collaborators: { ada: 'write', root: 'admin', eve: 'read' },
    files: quickGreeter(),
    ...options,
  })
  return `${owner}/greeter`
}

/** Its check looks for a word of the fix: to start Node for it, four times in each run, takes a fifth of a second. */
function quickGreeter(): Record<string, string | Uint8Array> {
  const files = readFixture('greeter')
  const manifest = Buffer.from(files['package.json'] ?? []).toString()
  return { ...files, 'package.json': manifest.replace('node --test', 'grep -n trim src/greet.js') }
}

/** What a model has to do to make the greeter's failing test pass. */
export const FIX_GREETER = [
  { text: 'I will look first.', calls: [{ name: 'read', args: { file_path: 'src/greet.js' } }] },
  {
    calls: [
      {
        name: 'edit',
        args: {
          file_path: 'src/greet.js',
          edits: [
            {
              // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of the fixture
              old_string: 'Hello, ${name}!',
              // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of the fixture
              new_string: "Hello, ${name?.trim() || 'stranger'}!",
            },
          ],
        },
      },
    ],
  },
  { text: 'Now the tests.', calls: [{ name: 'bash', args: { command: 'npm test' } }] },
  {
    calls: [
      {
        name: 'finish',
        args: {
          outcome: 'done',
          title: 'Greet a visitor without a name as a stranger',
          summary: 'A missing or blank name now falls back to `stranger`.',
          tests_run: ['npm test'],
        },
      },
    ],
  },
] as const satisfies Script
