import type { AuditEntry } from '../audit/audit-entry.ts'
import type { GitHubSignIn } from '../github/github-sign-in.ts'
import type { ReceiptKeys } from '../receipts/receipt-keys.ts'
import type { ReceiptStore } from '../receipts/receipt-store.ts'
import type { Waiting } from '../runs/admission/waiting.ts'
import type { Delivery } from '../runs/deliveries/delivery.ts'
import type { RunLog } from '../runs/log/run-log.ts'
import type { PauseStore } from '../runs/pause/operator-pause.ts'
import type { RepositoryTarget, Run, Thread } from '../runs/run.ts'
import type { Figures } from '../runs/stats/figures.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import type { Redact } from '../secrets/redact.ts'
import type { ApiToken } from './access/credentials.ts'
import type { LoginStore } from './access/login-store.ts'
import type { ShareStore } from './access/share-store.ts'
import type { TokenStore } from './access/token-store.ts'
import type { SetupDeps } from './setup/setup-deps.ts'
import type { StreamLimits } from './stream/event-stream.ts'

/** A provider that is not used for a while, because its account does not work. */
interface BlockedNow {
  readonly provider: string
  /** For people: `refuses the key`. */
  readonly why: string
  readonly until: Date
}

/** The dependencies of the web app. All of its effects on the outside go through these; each route takes the few it needs. */
export interface WebDeps extends Figures {
  readonly runs: Pick<RunStore, 'get' | 'list' | 'live' | 'findByKey'>
  /** The place of a queued run in the queue and what it waits for; undefined when it is not queued. */
  readonly waiting: (runId: string) => Promise<Waiting | undefined>
  /** The operator's pause, if there is one. */
  readonly pause: PauseStore['read']
  readonly log: Pick<RunLog, 'read' | 'follow' | 'search' | 'output'>
  readonly receipts: {
    readonly find: ReceiptStore['find']
    readonly has: ReceiptStore['has']
    readonly keys: ReceiptKeys['list']
  }
  /**
   * Stores and queues a run.
   *
   * @throws {BackspaceError} `conflict` when the key was used for another body; `rate_limited`; `unavailable`.
   */
  readonly submit: (input: SubmitRunInput) => Promise<{ readonly run: Pick<Run, 'id' | 'request'> }>
  /** Stops a run, queued or running. `reason` is shown to people. */
  readonly cancel: (runId: string, reason: string) => Promise<'cancelled' | 'already_finished' | 'not_found'>
  /**
   * Checks the repository of `POST /code` or `POST /prove` before a run is submitted, so that a wrong one is answered with
   * an error instead of a stream.
   *
   * @returns its current name and its id, by which the run finds the repository after a rename.
   * @throws {BackspaceError} `repository_not_found`, `not_installed`, `scope_missing` …
   */
  readonly checkRepository: (repository: RepositoryTarget) => Promise<RepositoryTarget>
  /**
   * Finds an open pull request, for `POST /prove`.
   *
   * @throws {BackspaceError} `not_found`; `conflict` when it is closed.
   */
  readonly findPullRequest: (
    repository: RepositoryTarget,
    number: number,
  ) => Promise<Pick<Thread, 'number' | 'title' | 'author' | 'url'>>
  /**
   * What GitHub lets a person do with a repository at this moment; `none` if Backspace cannot reach the repository.
   *
   * @throws {BackspaceError} if GitHub does not answer.
   */
  readonly permissionOf: (repository: RepositoryTarget, person: Person) => Promise<Permission>
  /**
   * The people to whom GitHub shows a repository at this moment; none if Backspace cannot reach the repository.
   *
   * @throws {BackspaceError} if GitHub does not answer.
   */
  readonly audienceOf: (repository: RepositoryTarget) => Promise<Audience>
  /** Undefined if signing in with GitHub is not set up. */
  readonly gitHubSignIn: GitHubSignIn | undefined
  /** Writes an entry into the audit log; resolves when it is stored. */
  readonly record: (entry: AuditEntry) => Promise<void>
  /**
   * The page of a run's trace in LangSmith; undefined without LangSmith.
   *
   * @throws {BackspaceError} `not_found`, `unavailable`.
   */
  readonly findTrace?: ((run: Pick<Run, 'id' | 'createdAt'>) => Promise<string>) | undefined
  /** Undefined without a GitHub App; the webhook path does not exist then. */
  readonly webhook: Webhook | undefined
  /** Undefined if the service has no setup page. */
  readonly setup?: SetupDeps | undefined
  /** Address of GitHub, where repositories are: `https://github.com`. */
  readonly webUrl: string
  /** The most that one request may ask for, in dollars. */
  readonly budgetCapUsd: number
  /** The tokens of API_TOKENS. */
  readonly apiTokens: readonly ApiToken[]
  /** The setting OPERATORS: GitHub logins in lower case, or ids of accounts. */
  readonly operators: readonly string[]
  readonly tokens: TokenStore
  readonly logins: LoginStore
  readonly shares: ShareStore
  /** Whether callers on this machine need no token until one exists, because no one else can reach the service. */
  readonly openToLocal: boolean
  /** Addresses and ranges of proxies whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[]
  /** Event streams at once per caller; an address may have twice as many. */
  readonly maxStreams: number
  /** Address of this service as people reach it, without a trailing slash. */
  readonly publicUrl: () => string
  /** What keeps the service from working, one line each; empty when it is ready. Public, so it holds no secrets. */
  readonly ready: () => Promise<readonly string[]>
  /** Providers that this process does not ask now, whatever a run says; undefined where it executes no runs. */
  readonly providersNow?: (() => readonly BlockedNow[] | undefined) | undefined
  /** The metrics in the text format of Prometheus. */
  readonly metrics: (openStreams: number) => Promise<string>
  readonly redact: Redact
  /** Counts a request that was refused, by the limit or rule that refused it. */
  readonly countRefusal: (reason: string) => void
  /** Called with every failure of our own; clients get only the request's id. */
  readonly reportError: (error: unknown, facts: RequestFacts) => void
  /** Aborted when the process drains: streams end, and clients reconnect to another process. */
  readonly closing?: AbortSignal | undefined
  /** Milliseconds after which an event stream ends, and its reader comes back; default: never. */
  readonly longestStreamMs?: number | undefined
  readonly streamLimits?: StreamLimits | undefined
  /** Bytes of bodies in memory whose sender is not known yet. */
  readonly unverifiedBytes?: number | undefined
  /** Milliseconds after which a person hears that a repository is not there for them, whatever the reason; default 1,500. */
  readonly hiddenAfterMs?: number | undefined
  /** How often open streams are checked for whether their reader may still read, in milliseconds. */
  readonly recheckMs?: number | undefined
  readonly now?: (() => Date) | undefined
}

export type Permission = 'admin' | 'write' | 'read' | 'none'

/** Whom GitHub shows a repository to. */
export interface Audience {
  /** Each user of GitHub can read it. */
  readonly isPublic: boolean
  /** Those with access of their own; undefined where GitHub does not list them, so that it must be asked about each. */
  readonly people: readonly AudienceMember[] | undefined
}

interface AudienceMember {
  readonly id: number
  readonly login: string
  readonly permission: Permission
}

/** A person on GitHub. */
export interface Person {
  readonly login: string
  /** Number of the account, if the person signed in; the login may have changed since. */
  readonly id?: number | undefined
}

export interface Webhook {
  readonly path: string
  readonly secret: string
  /** Commits the delivery. Resolves only when it is safe to answer 202. */
  readonly accept: (delivery: Delivery) => Promise<'stored' | 'duplicate'>
}

interface RequestFacts {
  readonly requestId: string
  readonly method: string
  /** The path without the query. */
  readonly path: string
  /** The run that the request is about, if it is about one. */
  readonly runId?: string | undefined
}
