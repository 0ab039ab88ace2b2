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

/** A provider whose account does not work, so that it is left out for a while. */
interface BlockedNow {
  readonly provider: string
  /** For people: `refuses the key`. */
  readonly why: string
  readonly until: Date
}

/** What the web app needs. Everything that it does to the outside goes through these; each route takes only its few. */
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
   * Called before a run of `POST /code` or `POST /prove` is submitted, so that a wrong repository is an error answer, not a stream.
   *
   * @returns its current name and its number, by which the run finds it after a rename.
   * @throws {BackspaceError} `repository_not_found`, `not_installed`, `scope_missing` …
   */
  readonly checkRepository: (repository: RepositoryTarget) => Promise<RepositoryTarget>
  /**
   * An open pull request, for `POST /prove`.
   *
   * @throws {BackspaceError} `not_found`; `conflict` when it is closed.
   */
  readonly findPullRequest: (
    repository: RepositoryTarget,
    number: number,
  ) => Promise<Pick<Thread, 'number' | 'title' | 'author' | 'url'>>
  /**
   * What GitHub lets a person do with a repository, at this moment; `none` when Backspace does not reach it.
   *
   * @throws {BackspaceError} when GitHub does not answer.
   */
  readonly permissionOf: (repository: RepositoryTarget, person: Person) => Promise<Permission>
  /**
   * Whom GitHub shows a repository to, at this moment; no one when Backspace does not reach it.
   *
   * @throws {BackspaceError} when GitHub does not answer.
   */
  readonly audienceOf: (repository: RepositoryTarget) => Promise<Audience>
  /** Undefined: no one can sign in with GitHub. */
  readonly gitHubSignIn: GitHubSignIn | undefined
  /** Writes an entry into the audit log; resolves when it is stored. */
  readonly record: (entry: AuditEntry) => Promise<void>
  /**
   * The page of a run's trace in LangSmith; undefined without LangSmith.
   *
   * @throws {BackspaceError} `not_found`, `unavailable`.
   */
  readonly findTrace?: ((run: Pick<Run, 'id' | 'createdAt'>) => Promise<string>) | undefined
  /** Undefined without a GitHub App: the path does not exist then. */
  readonly webhook: Webhook | undefined
  /** Undefined: there is no setup page. */
  readonly setup?: SetupDeps | undefined
  /** Address of GitHub, where repositories are: `https://github.com`. */
  readonly webUrl: string
  /** The most that one request may ask for, in dollars. */
  readonly budgetCapUsd: number
  /** API_TOKENS. */
  readonly apiTokens: readonly ApiToken[]
  /** OPERATORS: GitHub logins in lower case, or numbers of accounts. */
  readonly operators: readonly string[]
  readonly tokens: TokenStore
  readonly logins: LoginStore
  readonly shares: ShareStore
  /** Whether a caller on this machine needs no token as long as there is none: no one else can reach the service. */
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
  /** Prometheus text. */
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
