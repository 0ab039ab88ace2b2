import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { goOn, type WatchRequests } from '../watch-requests.ts'
import { createFaults, createRequestLog } from './faults.ts'
import { createRunGit } from './git/run-git.ts'
import { createObserver } from './observer.ts'
import { createOperator } from './operator.ts'
import { createPeople } from './people.ts'
import type { Account, Permissions } from './records.ts'
import { createServer, leadOn } from './server.ts'
import type { AppRecord, World } from './world.ts'

export interface GitHubOptions {
  readonly port?: number
  readonly appId?: number
  readonly appSlug?: string
  readonly webhookSecret?: string
  /** PEM of an RSA key; by default one that this process made. */
  readonly privateKey?: string
  readonly webhookTarget?: string
  /** What the App may do, and so its installations. */
  readonly permissions?: Permissions
  readonly events?: readonly string[]
  /** How long a fork takes, and what it looks like until then: not there, or there but empty. Default at once. */
  readonly fork?: { readonly delayMs: number; readonly until: 'missing' | 'empty' }
  readonly watch?: WatchRequests
}

const PERMISSIONS: Permissions = {
  metadata: 'read',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'write',
  statuses: 'write',
}

const EVENTS = [
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
]

const GIT_CONFIG = `[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n[user]\n\tname = GitHub\n\temail = noreply@github.com\n[protocol "file"]\n\tallow = always\n`

/** Of every App of this process that brings none: a key takes a while to make. */
const OWN_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

/** Starts a GitHub on 127.0.0.1 that real Octokit, Probot and git can talk to. */
export async function startGitHub(options: GitHubOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'github-stand-in-'))
  await mkdir(join(directory, 'repositories'))
  const gitConfig = join(directory, 'gitconfig')
  await writeFile(gitConfig, GIT_CONFIG)
  // The default of five seconds may end a connection at the moment a client uses it again.
  const http = createHttpServer({ keepAliveTimeout: 120_000 })
  http.listen(options.port ?? 0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const closing = new AbortController()
  const time = { offset: 0 }
  const world = createWorld({ options, directory, gitConfig, port, closing: closing.signal, time })
  const [faults, log] = [createFaults(), createRequestLog()]
  const app = createServer(world, { faults, log, watch: options.watch ?? goOn })
  const listener = getRequestListener(app.fetch)
  http.on('request', (incoming, outgoing) => {
    if (!leadOn(world, incoming, outgoing)) void listener(incoming, outgoing)
  })

  async function close(): Promise<void> {
    if (closing.signal.aborted) return
    closing.abort()
    const closed = once(http, 'close')
    http.close()
    http.closeAllConnections()
    await Promise.all([closed, ...world.background])
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }

  return {
    /** `http://127.0.0.1:PORT`: pages, clone and push. */
    url: world.url,
    /** `url` plus `/api/v3`, as `GHE_HOST` makes Octokit ask. */
    apiUrl: world.apiUrl,
    /** `127.0.0.1:PORT`, for `GHE_HOST` (with `GHE_PROTOCOL=http`). */
    host: new URL(world.url).host,
    appId: world.app.id,
    appSlug: world.app.slug,
    /** PEM. */
    privateKey: world.app.privateKey,
    webhookSecret: world.app.webhookSecret,
    ...createPeople(world),
    ...createOperator(world, { faults, time }),
    ...createObserver(world, log),
    close,
  }
}

/** A running stand-in for GitHub: what tests and the demo do as people, and what they can look at afterwards. */
export type GitHubStandIn = Awaited<ReturnType<typeof startGitHub>>

interface Parts {
  readonly options: GitHubOptions
  readonly directory: string
  readonly gitConfig: string
  readonly port: number
  readonly closing: AbortSignal
  readonly time: { readonly offset: number }
}

function createWorld({ options, directory, gitConfig, port, closing, time }: Parts): World {
  const url = `http://127.0.0.1:${port}`
  const now = () => Date.now() + time.offset
  // Far from small numbers, so that an id and an issue number are never equal by accident.
  let lastId = 41_000_000
  const nextId = () => ++lastId
  const app = createApp({ options, now, nextId })
  return {
    url,
    apiUrl: `${url}/api/v3`,
    directory,
    git: createRunGit(gitConfig),
    gitConfig,
    app,
    accounts: new Map([app.owner, app.bot].map((account) => [account.login.toLowerCase(), account])),
    repositories: new Map(),
    moved: new Map(),
    installations: new Map(),
    tokens: new Map(),
    deliveries: [],
    fork: options.fork ?? { delayMs: 0, until: 'missing' },
    webhookTarget: options.webhookTarget,
    webhooksLost: false,
    now,
    nextId,
    background: new Set(),
    closing,
  }
}

function createApp({
  options,
  now,
  nextId,
}: Pick<World, 'now' | 'nextId'> & { readonly options: GitHubOptions }): AppRecord {
  const slug = options.appSlug ?? 'backspace'
  const { publicKey, privateKey } = keyPair(options.privateKey)
  const account = (login: string, type: Account['type']) => ({
    id: nextId(),
    login,
    type,
    name: login,
    createdAt: now(),
  })
  return {
    id: options.appId ?? 8_118,
    slug,
    name: slug,
    clientId: 'Iv23standin0000000000',
    owner: account(`${slug}-makers`, 'Organization'),
    bot: account(`${slug}[bot]`, 'Bot'),
    privateKey,
    publicKey,
    webhookSecret: options.webhookSecret ?? `a webhook secret of ${randomUUID()}`,
    permissions: options.permissions ?? PERMISSIONS,
    events: options.events ?? EVENTS,
    createdAt: now(),
  }
}

/** Both halves as PEM; `createPublicKey` derives the public half when only the private one is given. */
function keyPair(given: string | undefined): { readonly publicKey: string; readonly privateKey: string } {
  return given === undefined ? OWN_KEY : { publicKey: given, privateKey: given }
}
