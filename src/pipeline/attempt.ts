import type { AuditFact } from '../audit/audit-entry.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { PUBLISH_MINUTES } from '../checks/command-limits.ts'
import { BackspaceError } from '../errors.ts'
import type { GitHubAccess, RepositoryAccess } from '../github/github-access.ts'
import type { RepositoryInfo } from '../github/repositories.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import type { Run, RunProgress } from '../runs/run.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import { basicCredential } from './workspace/workspace.ts'

/** One worker's hold on a run. */
export interface Attempt extends Disposable {
  readonly run: Run
  /** Counts from 1. Every write carries it, so that the writes of a stale worker are refused. */
  readonly number: number
  /** Aborts on cancellation, hand-over, the time limit, and when the log refuses this attempt's events. */
  readonly signal: AbortSignal
  /** Milliseconds until the work must be verified and published, or the time limit would throw it away. */
  readonly leftMs: () => number
  /** Milliseconds that the verification may take from now on; 0 when nothing is verified. */
  readonly verifyMs: () => number
  readonly stop: (reason: unknown) => void
  readonly saveProgress: (patch: RunProgress) => Promise<void>
  /**
   * Makes sure that this attempt still holds the run. Call it right before an outside effect that cannot be undone.
   *
   * @throws {WriteRefused} when another attempt holds the run.
   * @throws {BackspaceError} `cancelled` when the run was cancelled.
   */
  readonly requireHeld: () => Promise<void>
  /** Appends a fact about the run to the audit log. */
  readonly record: Record
}

/** @throws {DatabaseAway} when the fact cannot be stored. */
type Record = (fact: AuditFact) => Promise<void>

/** The time of a run counts from its first start. A late attempt still gets this long to publish the work so far. */
const LAST_MINUTES = 8

/**
 * Begins an attempt. Disposing of it clears the timer of the time limit.
 *
 * @param services.minutes the hard limit of the run.
 * @param services.verifyMinutes how many of these minutes are for the verification.
 */
export function openAttempt(
  { run, attempt: number, signal: stopped }: Parameters<Execute>[0],
  {
    store,
    audit,
    minutes,
    verifyMinutes = 0,
    now,
  }: {
    readonly store: Pick<RunStore, 'requireHeld' | 'setProgress'>
    readonly audit: Pick<AuditLog, 'append'>
    readonly minutes: number
    readonly verifyMinutes?: number
    readonly now: () => Date
  },
): Attempt {
  const stop = new AbortController()
  const usedMs = run.startedAt === null ? 0 : now().getTime() - run.startedAt.getTime()
  const leftMs = Math.max(minutes * 60_000 - usedMs, (LAST_MINUTES + verifyMinutes) * 60_000)
  const publishAt = performance.now() + leftMs - PUBLISH_MINUTES * 60_000
  const verifyMs = verifyMinutes * 60_000
  const timer = setTimeout(() => stop.abort(timeLimit(minutes)), leftMs).unref()
  return {
    run,
    number,
    signal: AbortSignal.any([stopped, stop.signal]),
    leftMs: () => Math.max(0, publishAt - verifyMs - performance.now()),
    verifyMs: () => Math.max(0, Math.min(verifyMs, publishAt - performance.now())),
    stop: (reason) => stop.abort(reason),
    saveProgress: (patch) => store.setProgress(run.id, number, patch),
    requireHeld: () => store.requireHeld(run.id, number),
    record: (fact) => audit.append({ ...fact, actor: 'backspace', runId: run.id }),
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

function timeLimit(minutes: number): BackspaceError {
  return new BackspaceError(
    'time_limit',
    `The run took longer than ${minutes} minutes and was stopped. Ask for a smaller step, or raise BACKSPACE_MAX_MINUTES.`,
  )
}

/** Looks the repository up under its current name. Tokens of the returned access are masked before they are used. */
export type ReachRepository = () => Promise<RepositoryAccess>

/**
 * @param hide masks a secret in everything that the run shows from then on.
 * @throws {BackspaceError} `not_installed`, `repository_not_found`, `unauthorized`, `github_unavailable` …
 */
export function createReachRepository(
  { github, tracing }: { readonly github: GitHubAccess; readonly tracing?: RunTracing | undefined },
  { run, signal }: Pick<Attempt, 'run' | 'signal'>,
  hide: (secret: string) => void,
): ReachRepository {
  const { repository, installationId } = run.request
  function onToken(token: string): void {
    hide(token)
    hide(basicCredential(token))
  }
  return async () => {
    const access = await github.repository({ ...repository, installationId })
    tracing?.admit(run.id, access.repository)
    return {
      ...access,
      mintToken: (purpose) => access.mintToken(purpose, { signal, onToken, runId: run.id }),
    }
  }
}

/** Decides whether a run is traced, which depends on its repository. */
export interface RunTracing {
  /** Nothing of a run is traced before this call. Only the first call of an attempt counts. */
  admit(runId: string, repository: Pick<RepositoryInfo, 'owner' | 'name' | 'private'>): void
  isTraced(runId: string): boolean
}
