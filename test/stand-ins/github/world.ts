import type { WatchRequests } from '../watch-requests.ts'
import { type AppRecord, createApp } from './app-record.ts'
import { createRunGit, type RunGit } from './git/run-git.ts'
import type { OAuthState } from './oauth.ts'
import type {
  Account,
  DeliveryRecord,
  InstallationRecord,
  IssueRecord,
  Permissions,
  RepositoryRecord,
  TokenRecord,
} from './records.ts'

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
  /** Whether an App's webhooks may go to this machine, as on an Enterprise Server in the same network. */
  readonly localWebhooks?: boolean
  readonly watch?: WatchRequests
}

/** Everything that one stand-in knows; routes, pages and helpers are functions over it. */
export interface World {
  /** `http://127.0.0.1:PORT`; pages and git live here. */
  readonly url: string
  /** `url` plus `/api/v3`. */
  readonly apiUrl: string
  readonly directory: string
  readonly git: RunGit
  readonly gitConfig: string
  /** The newest one: an App that is made from a manifest takes the place of the one before. */
  app: AppRecord
  readonly accounts: Map<string, Account>
  readonly repositories: Map<number, RepositoryRecord>
  /** Former names of repositories, in lower case, and the id of each. */
  readonly moved: Map<string, number>
  /** Where issues were that were transferred, as `<id of the repository>/<number>`, and where each is now. */
  readonly transferred: Map<string, IssueRecord>
  readonly installations: Map<number, InstallationRecord>
  readonly tokens: Map<string, TokenRecord>
  readonly deliveries: DeliveryRecord[]
  readonly fork: { readonly delayMs: number; readonly until: 'missing' | 'empty' }
  readonly localWebhooks: boolean
  /** Codes that the credentials of a new App can be had for. */
  readonly manifestCodes: Map<string, { readonly app: AppRecord; readonly expiresAt: number }>
  readonly oauth: OAuthState
  webhookTarget: string | undefined
  /** While true, webhooks are neither sent nor recorded. */
  webhooksLost: boolean
  /** Milliseconds since the epoch; a test can move it on. */
  now(): number
  nextId(): number
  /** Work that goes on after an answer was sent (deliveries); `close` waits for it. */
  readonly background: Set<Promise<unknown>>
  readonly closing: AbortSignal
}

/** The account with this login, made on first mention. */
export function accountOf(world: World, login: string, type: Account['type'] = 'User'): Account {
  const known = world.accounts.get(login.toLowerCase())
  if (known) return known
  const account = { id: world.nextId(), login, type, name: login, createdAt: world.now() }
  world.accounts.set(login.toLowerCase(), account)
  return account
}

/** The repository with this owner and name, whether or not a caller may see it. */
export function findRepository(world: World, owner: string, name: string): RepositoryRecord | undefined {
  const wanted = `${owner}/${name}`.toLowerCase()
  return [...world.repositories.values()].find((repository) => fullName(repository).toLowerCase() === wanted)
}

/** The repository called `owner/name`; for helpers, where a missing one is a mistake in the test. */
export function repositoryNamed(world: World, name: string): RepositoryRecord {
  const [owner = '', repositoryName = ''] = name.split('/')
  const repository = findRepository(world, owner, repositoryName)
  if (!repository)
    throw new Error(`the GitHub stand-in has no repository ${name}; call createRepository first`)
  return repository
}

/** The issue or pull request with this number; for helpers. */
export function issueNumbered(world: World, name: string, number: number): IssueRecord {
  const issue = repositoryNamed(world, name).issues.get(number)
  if (!issue) throw new Error(`the GitHub stand-in has no issue or pull request ${name}#${number}`)
  return issue
}

export function fullName(repository: RepositoryRecord): string {
  return `${repository.owner.login}/${repository.name}`
}

/** The App's installation that covers a repository, unless it is suspended. */
export function installationFor(world: World, repository: RepositoryRecord): InstallationRecord | undefined {
  if (!repository.installed) return undefined
  return [...world.installations.values()].find((installation) => installation.account === repository.owner)
}

/** The repositories that an installation covers. */
export function repositoriesOf(world: World, installation: InstallationRecord): RepositoryRecord[] {
  return [...world.repositories.values()].filter(
    (repository) => repository.installed && repository.owner === installation.account,
  )
}

/** Lets work go on after the answer, so that `close` can wait for it. */
export function inBackground(world: World, work: Promise<unknown>): void {
  const tracked: Promise<unknown> = work
    .catch((error) => {
      // A mistake in the stand-in itself: without this line a webhook would be missing for no visible reason.
      if (!world.closing.aborted) console.error('GitHub stand-in: a webhook could not be sent', error)
    })
    .finally(() => world.background.delete(tracked))
  world.background.add(tracked)
}

interface Parts {
  readonly options: GitHubOptions
  readonly directory: string
  readonly gitConfig: string
  readonly port: number
  readonly closing: AbortSignal
  readonly time: { readonly offset: number }
}

export function createWorld({ options, directory, gitConfig, port, closing, time }: Parts): World {
  const url = `http://127.0.0.1:${port}`
  const now = () => Date.now() + time.offset
  // Far from small numbers, so that an id and an issue number are never equal by accident.
  let lastId = 41_000_000
  const nextId = () => ++lastId
  const app = createApp(options, { now, nextId })
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
    transferred: new Map(),
    installations: new Map(),
    tokens: new Map(),
    deliveries: [],
    fork: options.fork ?? { delayMs: 0, until: 'missing' },
    localWebhooks: options.localWebhooks ?? false,
    manifestCodes: new Map(),
    oauth: { signedIn: 'ada', codes: new Map(), authorized: new Set() },
    webhookTarget: options.webhookTarget,
    webhooksLost: false,
    now,
    nextId,
    background: new Set(),
    closing,
  }
}

/** GitHub's timestamps: UTC, whole seconds. */
export function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
